// What crowds and hostile clients can do to a server whose memory is small: nothing
// that others notice (sync-protocol.md 10, robustness). ROS_CONNECTIONS scales the crowd.
#include "protocol_fixture.hpp"

#include <gtest/gtest.h>

#include <sys/resource.h>

#include <cstdlib>
#include <memory>
#include <vector>

namespace ros::test {
namespace {

constexpr std::uint64_t mebibyte = 1u << 20;

class Overload : public ::testing::Test {
protected:
  explicit Overload(std::map<std::string, std::string> settings = {})
      : server(with_budget(std::move(settings))), user(log_in_anonymously(server)) {}

  static std::map<std::string, std::string> with_budget(std::map<std::string, std::string> x) {
    x.emplace("performance.memory_budget", "128MB");
    return x;
  }
  connect_options options() const {
    connect_options o;
    o.port = server.port();
    o.token = user.token;
    return o;
  }
  std::unique_ptr<device> start_device(const std::string& partition) const {
    auto d = std::make_unique<device>(options(), '"' + partition + '"');
    d->session.start();
    return d;
  }
  /// A well-behaved client writes something and another one gets it.
  void expect_service(const std::string& partition = "bystander") const {
    auto writer = start_device(partition), reader = start_device(partition);
    writer->session.write(new_dog(1, "Rex"));
    writer->session.upload();
    writer->session.wait_for_upload();
    reader->session.wait_for_download();
    EXPECT_FALSE(reader->copy.received.empty());
  }
  /// What the server says to one upload of a fresh client; nothing if it just ends or
  /// takes it. `code`: of the close frame, if there is one.
  std::optional<server_message> answer_to(const std::string& partition, const std::string& upload,
                                          std::optional<unsigned>* code = nullptr) const {
    auto d = start_device(partition);
    d->client.send(upload);
    std::optional<server_message> answer;
    do
      answer = d->client.next();
    while (answer && answer->name == "download" && answer->upload_client_version < 10);
    if (code != nullptr)
      *code = d->client.close_code();
    return answer;
  }

  server_process server;
  log_in_result user;
};

/// A connection is a file here, too.
void raise_limit_of_files() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

TEST_F(Overload, a_crowd_of_idle_connections_is_cheap_and_answered) {
  const auto* wanted = std::getenv("ROS_CONNECTIONS");
  const auto count = wanted != nullptr ? std::strtoul(wanted, nullptr, 10) : 500;
  raise_limit_of_files();
  auto first = start_device("crowd");
  const auto before = server.memory();
  std::vector<std::unique_ptr<device>> crowd;
  for (std::size_t i = 0; i < count; ++i)
    crowd.push_back(start_device("crowd"));
  // A debug build, allocators in need of a rest: far from what bench/crowd measures.
  EXPECT_LT((server.memory() - before) / count, 64 * 1024u);
  for (int round = 0; round < 3; ++round) {
    for (auto& d : crowd)
      d->client.send("ping 7 0\n");
    for (auto& d : crowd)
      ASSERT_EQ(d->client.expect("pong").timestamp, 7u);
  }
  first->session.write(new_dog(1, "Rex"));
  first->session.upload();
  first->session.wait_for_upload();
  for (auto& d : crowd)
    ASSERT_EQ(d->client.expect("download").entries.size(), 1u);
}

TEST_F(Overload, clients_that_never_read_cost_little) {
  auto writer = start_device("big");
  writer->session.write(dog_schema());
  for (int i = 0; i < 12; ++i)
    writer->session.write(new_dog(i, std::string(mebibyte, static_cast<char>('a' + i))));
  writer->session.upload();
  writer->session.wait_for_upload();
  const auto before = server.memory();
  std::vector<std::unique_ptr<device>> slow;
  for (int i = 0; i < 12; ++i) {
    slow.push_back(std::make_unique<device>(options(), "\"big\""));
    auto& d = *slow.back();
    d.client.send(bind_message(1, d.copy.path, true));
    const auto ident = d.client.expect("ident");
    d.copy.ident = ident.file_ident;
    d.copy.salt = ident.file_salt;
    d.client.send(ident_message(1, d.copy)); // and nothing is read from now on
  }
  for (int i = 0; i < 4; ++i) {
    writer->session.write(rename_dog(i, std::string(mebibyte, 'z')));
    writer->session.upload();
    writer->session.wait_for_upload();
  }
  expect_service();
  EXPECT_LT(server.memory(), before + 120 * mebibyte);
  for (auto& d : slow) // they are behind, and may catch up
    d->client.expect("download");
}

TEST_F(Overload, an_inflation_bomb_is_refused_before_it_goes_off) {
  const auto before = server.memory();
  auto answer = answer_to("bomb", "upload 1 1 4294967296 10 10 0 0\n0123456789");
  EXPECT_FALSE(answer && answer->name == "download");
  // 40 MiB of zeros in 40 KiB: within the limit, and worth nothing as a changeset.
  answer = answer_to("bomb", compressed_upload_message(
                                 1, 10, 0, 0, {{10, 0, 1, std::string(40 * mebibyte, '\0')}}, 1));
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->error_code, 212);
  expect_service();
  EXPECT_LT(server.memory(), before + 160 * mebibyte);
}

TEST_F(Overload, millions_of_tiny_instructions_are_refused) {
  const auto before = server.memory();
  std::string changeset("\x3f\x00\x01T", 4); // a name, and its class is erased over and over
  while (changeset.size() < 4 * mebibyte)
    changeset.append("\x01\x00", 2);
  const auto answer = answer_to("tiny", upload_message(1, 10, 0, 0, {{10, 0, 1, changeset}}));
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->error_code, 212);
  EXPECT_EQ(answer->action, "ApplicationBug");
  expect_service();
  EXPECT_LT(server.memory(), before + 160 * mebibyte); // and not 300
}

TEST_F(Overload, connections_that_lead_nowhere_keep_nobody_out) {
  std::vector<std::unique_ptr<raw_socket>> silent;
  std::vector<std::unique_ptr<protocol_client>> unbound;
  for (int i = 0; i < 300; ++i) {
    silent.push_back(std::make_unique<raw_socket>(server.port()));
    if (i % 2 == 0)
      silent.back()->send("GET /realm-sync?baas_at=" + user.token + " HTTP/1.1\r\nHost: x\r\n");
  }
  for (int i = 0; i < 100; ++i) {
    unbound.push_back(std::make_unique<protocol_client>(options()));
    ASSERT_TRUE(unbound.back()->is_open());
    if (i % 2 == 0) // and never an IDENT
      unbound.back()->send(bind_message(1, "\"nowhere\"", false));
  }
  expect_service();
}

TEST_F(Overload, messages_that_never_end_keep_nobody_out) {
  // 100 beginnings of 1 MiB each are more than the share of waiting uploads.
  const auto before = server.memory();
  std::vector<std::unique_ptr<protocol_client>> stuck;
  const auto frame = binary_frame(std::string(2 * mebibyte, 'x'));
  for (int i = 0; i < 100; ++i) {
    stuck.push_back(std::make_unique<protocol_client>(options()));
    auto rest = std::string_view(frame).substr(0, mebibyte);
    while (!rest.empty() && stuck.back()->socket().writable_within(20)) {
      const auto n = stuck.back()->socket().try_send(rest);
      if (n < 0)
        break;
      rest.remove_prefix(static_cast<std::size_t>(n));
    }
  }
  EXPECT_LT(server.memory(), before + 64 * mebibyte);
  expect_service();
}

/// Uploads of one mebibyte at most.
class SmallUploads : public Overload {
protected:
  SmallUploads() : Overload({{"sync.max_upload_size", "1048576"}}) {}

  /// An upload whose body has exactly `size` bytes.
  static std::string upload_of(std::size_t size) {
    const auto with = [](std::size_t n) {
      return upload_message(1, 10, 0, 0, {{10, 0, 1, new_dog(1, std::string(n, 'x'))}});
    };
    const auto body_size = [](const std::string& message) {
      return message.size() - message.find('\n') - 1;
    };
    auto filler = size - 200;
    filler += size - body_size(with(filler));
    auto message = with(filler);
    EXPECT_EQ(body_size(message), size);
    return message;
  }
};

TEST_F(SmallUploads, an_upload_may_be_as_big_as_the_limit) {
  const auto answer = answer_to("full", upload_of(mebibyte));
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->name, "download");
  EXPECT_EQ(answer->upload_client_version, 10u);
}

TEST_F(SmallUploads, one_byte_more_ends_the_connection_with_1009) {
  std::optional<unsigned> code;
  EXPECT_FALSE(answer_to("over", upload_of(mebibyte + 1), &code).has_value());
  EXPECT_EQ(code, 1009u);
  expect_service();
}

} // namespace
} // namespace ros::test
