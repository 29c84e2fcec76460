// What real SDKs and the reference server said to each other (tests/data/captures):
// parsed, built again, and mutated.
#include "sync/download_message.hpp"
#include "sync/message.hpp"

#include "fuzz/message_properties.hpp"
#include "support/server_message.hpp"

#include <boost/json/parse.hpp>

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace ros::sync {
namespace {

struct captured {
  int version = 0;
  bool from_client = false;
  std::string message;
};

std::string from_hex(std::string_view hex) {
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    out += static_cast<char>(std::strtol(std::string{hex.substr(i, 2)}.c_str(), nullptr, 16));
  return out;
}

std::vector<captured> all_captures() {
  std::vector<captured> out;
  for (const auto& file : std::filesystem::directory_iterator(ROS_TEST_DATA "/captures")) {
    if (!file.path().filename().string().starts_with("frames-"))
      continue; // REST calls lie beside them
    std::ifstream in(file.path());
    for (std::string line; std::getline(in, line);) {
      const auto o = boost::json::parse(line).as_object();
      std::string message{o.at("head").as_string()};
      message += '\n';
      message += from_hex(o.at("body_hex").as_string());
      out.push_back(
          {static_cast<int>(o.at("version").as_int64()), o.at("dir") == "c2s", std::move(message)});
    }
  }
  return out;
}

TEST(captured_messages, of_clients_are_all_understood) {
  std::set<std::string_view> kinds;
  std::size_t changesets = 0;
  for (const auto& c : all_captures()) {
    if (!c.from_client)
      continue;
    const auto m = parse_client_message(bytes{c.message}, c.version);
    ASSERT_TRUE(m) << c.message.substr(0, 100) << ": " << m.error().message;
    kinds.insert(name_of(*m));
    EXPECT_GE(session_of(*m), name_of(*m) == "ping" ? 0u : 1u);
    const auto* upload = std::get_if<upload_message>(&*m);
    if (upload == nullptr)
      continue;
    const auto entries = unpack(*upload, 1 << 20);
    ASSERT_TRUE(entries) << c.message.substr(0, 100);
    changesets += entries->size();
    for (const auto& e : *entries) {
      EXPECT_EQ(e.origin, 0u);
      EXPECT_FALSE(e.change.data.empty());
      EXPECT_GE(e.change.client_version, 2u);
    }
  }
  EXPECT_EQ(kinds,
            (std::set<std::string_view>{"bind", "ident", "mark", "ping", "unbind", "upload"}));
  EXPECT_GT(changesets, 30u);
}

std::string built_again(const test::server_message& m) {
  if (m.name == "ident")
    return make_ident(m.session, {m.file_ident, static_cast<salt_type>(m.file_salt)});
  if (m.name == "mark")
    return make_mark(m.session, m.request);
  if (m.name == "unbound")
    return make_unbound(m.session);
  if (m.name == "pong")
    return make_pong(m.timestamp);
  download_body body;
  for (const auto& e : m.entries)
    body.add(e.server_version, e.client_version, e.timestamp, e.origin, e.original_size,
             bytes{e.changeset});
  const auto d = make_download(
      {.session = m.session,
       .progress = {m.download_server_version, m.download_client_version},
       .latest = {m.latest_server_version, static_cast<salt_type>(m.latest_server_salt)},
       .upload_progress = {m.upload_client_version, m.upload_server_version},
       .downloadable_bytes = m.downloadable_bytes},
      std::move(body));
  std::string out = d.head;
  for (const auto& p : d.parts)
    out += p.view();
  return out;
}

TEST(captured_messages, of_the_reference_server_are_built_again_byte_for_byte) {
  std::size_t compared = 0;
  for (const auto& c : all_captures()) {
    // The reference sends errors in a form that aborts apps; ours differ on purpose.
    const auto name = c.message.substr(0, c.message.find(' '));
    if (c.from_client || name.ends_with("error") || name == "log_message")
      continue;
    const auto m = test::read_server_message(c.message, c.version);
    EXPECT_EQ(built_again(m), c.message) << c.message.substr(0, 100);
    ++compared;
  }
  EXPECT_GT(compared, 100u);
}

/// xorshift: the same mutations everywhere.
struct generator {
  std::uint64_t state = 0x9E3779B97F4A7C15u;
  std::uint64_t operator()(std::uint64_t below) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state % below;
  }
};

void mutate(std::string& text, generator& random) {
  const auto at = text.empty() ? 0 : random(text.size());
  static constexpr std::string_view telling = "0123456789 -\n\r+x\xFF";
  switch (random(5)) {
  case 0:
    text.insert(at, 1, telling[random(telling.size())]);
    break;
  case 1:
    if (!text.empty())
      text[at] = telling[random(telling.size())];
    break;
  case 2:
    if (!text.empty())
      text.erase(at, 1 + random(4));
    break;
  case 3:
    if (!text.empty())
      text[at] = static_cast<char>(text[at] ^ (1 << random(8)));
    break;
  default:
    text.resize(at);
  }
}

TEST(captured_messages, mutated_are_understood_or_refused_with_a_known_code) {
  const auto all = all_captures();
  generator random;
  std::size_t refused = 0;
  constexpr int rounds = 60'000;
  for (int i = 0; i < rounds; ++i) {
    auto text = all[random(all.size())].message;
    for (auto n = 1 + random(3); n > 0; --n)
      mutate(text, random);
    const protocol spoken = i % 2 == 0 ? 14 : 1 + static_cast<int>(random(newest_legacy_version));
    refused += parse_client_message(bytes{text}, spoken) ? 0 : 1;
    const auto problem = testing::message_problem(text, spoken);
    EXPECT_EQ(problem, "") << text << spoken.name();
  }
  EXPECT_GT(refused, rounds / 2);
}

} // namespace
} // namespace ros::sync
