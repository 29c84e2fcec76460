// http-api.md 8.6 asks for it: every error that the server can emit, times every protocol
// version, against the tables of the specification. They are written down here a second
// time, from the documents and not from the code, because a wrong number ends an app.
#include "sync/error_message.hpp"

#include "support/server_message.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <string>

namespace ros::sync {
namespace {

struct table_row {
  int code;             ///< as detected
  int sent;             ///< on the wire; 0: nothing is sent, the connection is closed instead
  std::string action{}; ///< of `sent`, 4.5
  bool try_again = false;
  int since = 1; ///< version that knows `sent`; before it: 101 or 201, Transient
};

/// sync-protocol.md 4.5, columns "mod." and "since".
const std::vector<table_row>& table() {
  static const std::vector<table_row> rows{
      {100, 100, "Transient", true},
      {101, 101, "Transient", true},
      {102, 102, "ProtocolViolation"},
      {103, 103, "ProtocolViolation"},
      {104, 103, "ProtocolViolation"},
      {106, 106, "ProtocolViolation"},
      {107, 107, "ProtocolViolation"},
      {108, 108, "ProtocolViolation"},
      {109, 109, "ProtocolViolation"},
      {110, 110, "ProtocolViolation"},
      {111, 111, "ProtocolViolation"},
      {112, 112, "ProtocolViolation"},
      {114, 114, "ApplicationBug", false, 3},
      {200, 200, "Transient", true},
      {201, 201, "Transient", true},
      {202, 0},
      {203, 0},
      {204, 204, "ApplicationBug"},
      {205, 206, "ApplicationBug"},
      {206, 206, "ApplicationBug"},
      {207, 208, "ClientReset"},
      {208, 208, "ClientReset"},
      {209, 209, "ClientReset"},
      {210, 210, "ClientReset"},
      {211, 211, "ClientReset"},
      {212, 212, "ApplicationBug"},
      {214, 204, "ApplicationBug"},
      {215, 201, "Transient", true},
      {216, 216, "ProtocolViolation"},
      {217, 217, "ClientReset"},
      {218, 217, "ClientReset"},
      {219, 217, "ClientReset"},
      {220, 0},
      {222, 222, "ClientReset"},
      {223, 223, "ApplicationBug"},
      {224, 201, "Transient", true},
      {225, 225, "ClientResetNoRecovery"},
  };
  return rows;
}

/// "†" of 4.5 and the last row of the first table of http-api.md 8.6, at any version.
const std::set<int> fatal_codes{104, 202, 203, 205, 207, 214, 215, 218, 219, 220, 221, 224};
/// Codes that ask for features this server has not, and 4.5's "do not send".
const std::set<int> never_sent{105, 113, 213, 226, 227, 228, 229,
                               230, 231, 232, 233, 234, 235, 236};

constexpr session_ident a_session = 7;

/// The six keys of 3.11, exactly, with their types; three more together, or none of them.
void check_body(const boost::json::object& json, const table_row& row, const std::string& text) {
  const std::map<std::string, bool> flags{
      {"tryAgain", row.try_again},
      {"shouldClientReset", row.action.starts_with("ClientReset")},
      {"isRecoveryModeDisabled", row.action == "ClientResetNoRecovery"}};
  for (const auto& [key, value] : flags) {
    ASSERT_TRUE(json.contains(key) && json.at(key).is_bool()) << key;
    EXPECT_EQ(json.at(key).get_bool(), value) << key << " of " << row.code;
  }
  const std::map<std::string, std::string> texts{
      {"message", text}, {"logURL", ""}, {"action", row.action}};
  for (const auto& [key, value] : texts) {
    ASSERT_TRUE(json.contains(key) && json.at(key).is_string()) << key;
    EXPECT_EQ(json.at(key).get_string(), value) << key << " of " << row.code;
  }
  std::size_t delays = 0;
  for (const auto* key : {"backoffIntervalSec", "backoffMaxDelaySec", "backoffMultiplier"})
    if (json.contains(key)) {
      EXPECT_TRUE(json.at(key).is_int64() && json.at(key).get_int64() > 0);
      ++delays;
    }
  EXPECT_TRUE(delays == 0 || (delays == 3 && row.try_again));
  EXPECT_EQ(json.size(), 6 + delays);
}

void check_on_the_wire(const error_reply& reply, const table_row& row, int version) {
  SCOPED_TRACE("code " + std::to_string(row.code) + " in version " + std::to_string(version));
  EXPECT_EQ(reply.code, row.sent);
  EXPECT_FALSE(fatal_codes.contains(reply.code));
  EXPECT_FALSE(never_sent.contains(reply.code));
  const session_ident session = row.sent < 200 ? 0 : a_session;
  const auto m = test::read_server_message(make_error(session, reply, version), version);
  EXPECT_EQ(m.name, version < 4 ? "error" : "json_error");
  EXPECT_EQ(m.error_code, row.sent);
  EXPECT_EQ(m.session, session);
  EXPECT_EQ(m.try_again, row.try_again);
  EXPECT_EQ(m.text, reply.message);
  if (version >= 4)
    check_body(m.json, row, reply.message);
}

TEST(error_table, every_code_in_every_version_is_sent_as_the_table_says) {
  for (const auto& row : table())
    for (int version = 1; version <= 14; ++version) {
      EXPECT_EQ(is_authentication_error(row.code), row.sent == 0) << row.code;
      if (row.sent == 0)
        continue; // connection and session close the connection: 4001, or TCP below version 8
      auto expected = row;
      if (version < row.since)
        expected = {row.code, row.sent < 200 ? 101 : 201, "Transient", true};
      check_on_the_wire(describe_error(row.code, "what \"happened\"\n\x01", version), expected,
                        version);
    }
}

TEST(error_table, codes_that_are_not_in_it_become_temporary_trouble) {
  std::set<int> known;
  for (const auto& row : table())
    known.insert(row.code);
  for (int code = 100; code < 300; ++code)
    if (!known.contains(code))
      for (int version = 1; version <= 14; ++version)
        check_on_the_wire(describe_error(code, "x", version),
                          {code, code < 200 ? 101 : 201, "Transient", true}, version);
}

TEST(error_table, versions_below_a_realms_features_are_told_so_for_good) { // chapter 3
  for (int version = 1; version <= 14; ++version)
    for (std::uint32_t level = static_cast<std::uint32_t>(version) + 1; level <= 14; ++level)
      check_on_the_wire(describe_feature_refusal(level, version),
                        {201, version >= 7 ? 201 : 212, "ApplicationBug"}, version);
}

TEST(error_table, texts_of_clients_never_break_an_error) {
  for (int version : {1, 3, 4, 14})
    for (const auto* text : {"\xff\xfe", "\xc3", "a\0b", "\"}\\\n\r\t\x7f", "\xed\xa0\x80", ""}) {
      const auto told = make_error(a_session, describe_error(212, text, version), version);
      const auto m = test::read_server_message(told, version);
      EXPECT_EQ(m.error_code, 212);
      boost::system::error_code bad;
      boost::json::parse(boost::json::serialize(boost::json::string{m.text}), bad);
      EXPECT_FALSE(bad) << "no UTF-8 in version " << version;
    }
}

// -- where errors come from ---------------------------------------------------------------

/// The code of a file without comments and the content of literals.
std::string bare_code(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.compare(i, 2, "//") == 0) {
      i = text.find('\n', i);
      if (i == std::string::npos)
        break;
    } else if (text[i] == '"' || (text[i] == '\'' && !std::isdigit(text[i - 1]))) {
      for (const char quote = text[i++]; i < text.size() && text[i] != quote; ++i)
        if (text[i] == '\\')
          ++i;
      out += ' ';
      continue;
    }
    out += text[i];
  }
  return out;
}

/// Numbers in the range of error codes that mean something else.
const std::map<std::string, std::set<int>> other_numbers{
    {"actors/actors.hpp", {100}},      // type ids
    {"actors/auth_actors.hpp", {200}}, // type ids
    {"actors/realm_path.cpp", {200}},  // bytes of a segment
    {"sync/integrate_reciprocals.cpp", {200}},
};

// A number that appears here for the first time is either a new error, which the tables
// above must know before a client does, or belongs to other_numbers.
TEST(error_table, knows_every_code_that_the_source_mentions) {
  const std::filesystem::path root = std::filesystem::path{ROS_TEST_DATA} / ".." / "..";
  // 105 and 113 are for io.realm.sync only; 233 comes from clients, 3.12.
  std::set<int> known{105, 113, 233};
  for (const auto& row : table())
    known.insert(row.code);
  const std::regex number{R"((^|[^\w.'])([12]\d\d)(?![\w.']))"};
  std::set<int> seen;
  for (const auto* room : {"sync", "actors"})
    for (const auto& file : std::filesystem::directory_iterator{root / room}) {
      const auto name = room + ("/" + file.path().filename().string());
      if (name == "sync/error_message.cpp" || name.starts_with("actors/http_"))
        continue; // the table itself, HTTP statuses
      const auto text = bare_code(file.path());
      for (std::sregex_iterator i{text.begin(), text.end(), number}, end; i != end; ++i) {
        const int value = std::stoi((*i)[2]);
        const auto other = other_numbers.find(name);
        if ((value > 114 && value < 200) || value > 239 ||
            (other != other_numbers.end() && other->second.contains(value)))
          continue;
        seen.insert(value);
        EXPECT_TRUE(known.contains(value)) << name << " mentions " << value;
      }
    }
  for (int code : {100, 103, 110, 201, 203, 206, 208, 212, 217, 225})
    EXPECT_TRUE(seen.contains(code)) << "the scan does not find " << code;
}

} // namespace
} // namespace ros::sync
