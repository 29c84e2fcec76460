// What real SDKs sent, sent again (tests/data/captures: REST exchanges of npm realm
// 10.24 in Node and 12.0.0-browser.2 in Chromium): same statuses, and everything in
// the answers that those SDKs were content with.
#include "http_world.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <map>

namespace json = boost::json;

namespace ros::actors {

namespace {

/// Sends the calls of one recording in order; tokens of the recording become those
/// that this server gave for the same log-in.
class replay {
public:
  void call(const json::object& recorded) {
    const auto method = text(recorded, "method"), target = text(recorded, "target");
    SCOPED_TRACE(method + " " + target);
    auto answer = client_.send(method, target, headers(recorded), text(recorded, "request_body"));
    EXPECT_EQ(answer.status, recorded.at("status").as_int64());
    ++calls;
    if (method == "OPTIONS")
      return check_preflight(recorded, answer);
    EXPECT_EQ(answer.header("Access-Control-Allow-Origin"), "*");
    const auto body = text(recorded, "response_body");
    if (body.empty())
      return;
    EXPECT_EQ(answer.header("Content-Type"), "application/json");
    const auto expected = json::parse(body), got = answer.json();
    check_shape(expected, got, "answer");
    for (const auto* name : {"access_token", "refresh_token"})
      if (expected.as_object().contains(name) && got.is_object() && got.as_object().contains(name))
        tokens_["Bearer " + text(expected.as_object(), name)] =
            "Bearer " + text(got.as_object(), name);
  }

  int calls = 0;

private:
  static std::string text(const json::object& from, std::string_view name) {
    return std::string{from.at(name).as_string()};
  }

  [[nodiscard]] test::header_list headers(const json::object& recorded) const {
    test::header_list out;
    for (const auto& pair : recorded.at("request_headers").as_array()) {
      std::string name{pair.at(0).as_string()}, value{pair.at(1).as_string()};
      if (name == "Host")
        value = client_.host();
      if (auto ours = tokens_.find(value); ours != tokens_.end())
        value = ours->second;
      out.emplace_back(std::move(name), std::move(value));
    }
    return out;
  }

  /// Every member of the recorded answer is there, and of the same type.
  static void check_shape(const json::value& expected, const json::value& got,
                          const std::string& where) {
    EXPECT_EQ(json::to_string(expected.kind()), json::to_string(got.kind())) << where;
    if (expected.kind() != got.kind())
      return;
    if (expected.is_object())
      for (const auto& [name, value] : expected.as_object()) {
        const auto* member = got.as_object().if_contains(name);
        EXPECT_TRUE(member) << where << '.' << name;
        if (member)
          check_shape(value, *member, where + '.' + std::string{name});
      }
    if (expected.is_array() && !expected.as_array().empty()) {
      ASSERT_FALSE(got.as_array().empty()) << where;
      check_shape(expected.as_array()[0], got.as_array()[0], where + "[0]");
    }
  }

  /// A browser goes on only if this allows what it is about to send.
  static void check_preflight(const json::object& recorded, const test::http_answer& answer) {
    std::string method, wanted;
    for (const auto& pair : recorded.at("request_headers").as_array()) {
      if (pair.at(0) == "Access-Control-Request-Method")
        method = pair.at(1).as_string();
      if (pair.at(0) == "Access-Control-Request-Headers")
        wanted = pair.at(1).as_string();
    }
    EXPECT_EQ(answer.header("Access-Control-Allow-Origin"), "*");
    EXPECT_EQ(answer.header("Access-Control-Allow-Headers"), wanted);
    EXPECT_NE(answer.header("Access-Control-Allow-Methods").find(method), std::string::npos);
  }

  ros::test::http_world world_;
  test::http_client client_ = world_.client();
  std::map<std::string, std::string> tokens_;
};

int replay_file(const std::string& name) {
  std::ifstream in(std::string{ROS_TEST_DATA} + "/captures/" + name);
  EXPECT_TRUE(in) << name;
  replay server;
  for (std::string line; std::getline(in, line);)
    if (auto recorded = json::parse(line).as_object(); recorded.contains("method"))
      server.call(recorded);
  return server.calls;
}

TEST(rest_capture, a_session_of_the_native_sdk_is_answered_as_recorded) {
  EXPECT_EQ(replay_file("rest-calls-node.jsonl"), 7);
}

TEST(rest_capture, a_session_of_the_browser_sdk_is_answered_as_recorded) {
  EXPECT_EQ(replay_file("rest-calls-wasm.jsonl"), 12);
}

TEST(rest_capture, a_session_of_both_sdks_is_answered_as_recorded) {
  EXPECT_EQ(replay_file("rest-calls-mixed.jsonl"), 9);
}

TEST(rest_capture, refresh_and_log_out_of_the_native_sdk_are_answered_as_recorded) {
  EXPECT_EQ(replay_file("rest-calls-refresh-logout-node.jsonl"), 17);
}

TEST(rest_capture, refresh_and_log_out_of_the_browser_sdk_are_answered_as_recorded) {
  EXPECT_EQ(replay_file("rest-calls-refresh-logout-wasm.jsonl"), 29);
}

} // namespace

} // namespace ros::actors
