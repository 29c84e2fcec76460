#include "server_message.hpp"

#include <boost/json/parse.hpp>
#include <zlib.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace ros::test {

namespace {

class strict_reader {
public:
  strict_reader(std::string_view message, int version) : all_(message), version_(version) {
    const auto end = message.find('\n');
    if (end == std::string_view::npos)
      fail("no end of head");
    head_ = message.substr(0, end);
    body_ = message.substr(end + 1);
  }

  server_message read() {
    server_message m;
    m.raw = all_;
    m.name = take_word();
    if (m.name == (is_early() ? "alloc" : "ident"))
      read_ident(m);
    else if (m.name == "download")
      read_download(m);
    else if (m.name == "mark")
      read_mark(m);
    else if (m.name == "unbound")
      m.session = positive();
    else if (m.name == "transact" && is_legacy() && !is_early())
      read_transact(m);
    else if (m.name == "pong" && !is_legacy())
      m.timestamp = number();
    else if (m.name == "error")
      read_error(m);
    else if (m.name == "json_error")
      read_json_error(m);
    else if (m.name == "log_message")
      read_log_message(m);
    else if (m.name == "client_version")
      read_client_version(m);
    else if (m.name == "state")
      read_state(m);
    else
      fail("unknown message");
    if (!head_.empty())
      fail("fields left over");
    if (!body_.empty())
      fail("bytes left over behind the body");
    return m;
  }

private:
  /// io.realm.sync counts on where com.mongodb.realm-sync will never arrive.
  [[nodiscard]] bool is_legacy() const { return version_ >= 15; }
  [[nodiscard]] bool is_early() const { return is_legacy() && version_ <= 22; }

  [[noreturn]] void fail(const char* what) const {
    throw std::runtime_error(std::string{what} +
                             " in message from the server: " + std::string{all_.substr(0, 200)});
  }
  void expect(bool condition, const char* what) const {
    if (!condition)
      fail(what);
  }

  std::string take_word() {
    const auto n = std::min(head_.find(' '), head_.size());
    std::string word{head_.substr(0, n)};
    head_.remove_prefix(n);
    expect(!word.empty(), "empty name");
    return word;
  }

  static bool plain_decimal(std::string_view digits) {
    return !digits.empty() &&
           std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; }) &&
           (digits.size() == 1 || digits.front() != '0');
  }
  std::uint64_t to_number(std::string_view digits) const {
    std::int64_t value = 0;
    const auto* end = digits.data() + digits.size();
    const auto r = std::from_chars(digits.data(), end, value);
    expect(plain_decimal(digits) && r.ec == std::errc{} && r.ptr == end, "bad number");
    return static_cast<std::uint64_t>(value);
  }
  std::uint64_t number() {
    expect(head_.starts_with(' '), "missing field");
    head_.remove_prefix(1);
    const auto n = std::min(head_.find(' '), head_.size());
    const auto value = to_number(head_.substr(0, n));
    head_.remove_prefix(n);
    return value;
  }
  std::uint64_t positive() {
    const auto value = number();
    expect(value > 0, "zero where a number is needed");
    return value;
  }
  bool flag() {
    const auto value = number();
    expect(value < 2, "boolean that is neither 0 nor 1");
    return value == 1;
  }
  std::string take_body(std::uint64_t size) {
    expect(size == body_.size(), "body of a size other than announced");
    std::string out{body_};
    body_ = {};
    return out;
  }

  void read_ident(server_message& m) {
    m.session = positive();
    if (is_early())
      expect(number() == 1, "server file ident other than 1");
    m.file_ident = number();
    m.file_salt = positive();
    expect(m.file_ident >= 2, "client file ident below 2");
  }

  void read_mark(server_message& m) {
    m.session = positive();
    m.request = positive();
  }

  void read_download(server_message& m) {
    m.session = positive();
    m.download_server_version = number();
    m.download_client_version = number();
    m.latest_server_version = number();
    m.latest_server_salt = number();
    m.upload_client_version = number();
    if (!is_early())
      m.upload_server_version = number();
    if (version_ != 15)
      m.downloadable_bytes = number();
    m.is_compressed = flag();
    m.plain_size = number();
    const auto compressed_size = number();
    if (m.is_compressed) {
      inflate_entries(m, take_body(compressed_size));
    } else {
      expect(compressed_size == 0, "compressed size of a plain body");
      read_entries(m, take_body(m.plain_size));
    }
    check_download(m);
  }

  void inflate_entries(server_message& m, const std::string& body) {
    expect(m.plain_size > 1024, "small body compressed");
    expect(body.size() < m.plain_size, "compression without gain");
    std::string out(m.plain_size, '\0');
    uLongf size = out.size();
    uLong used = body.size();
    const auto code = uncompress2(reinterpret_cast<Bytef*>(out.data()), &size,
                                  reinterpret_cast<const Bytef*>(body.data()), &used);
    expect(code == Z_OK && size == out.size() && used == body.size(), "body does not inflate");
    read_entries(m, out);
  }

  void read_entries(server_message& m, std::string_view body) {
    auto field = [&] {
      const auto n = body.find(' ');
      expect(n != std::string_view::npos, "entry header cut off");
      const auto value = to_number(body.substr(0, n));
      body.remove_prefix(n + 1);
      return value;
    };
    while (!body.empty()) {
      received_entry e;
      e.server_version = field();
      e.client_version = field();
      e.timestamp = field();
      e.origin = field();
      e.original_size = field();
      const auto size = field();
      expect(size <= body.size(), "entry longer than the body");
      e.changeset = body.substr(0, size);
      body.remove_prefix(size);
      m.entries.push_back(std::move(e));
    }
  }

  /// The rules of 3.6 that hold for every download by itself.
  void check_download(const server_message& m) const {
    expect(m.download_server_version <= m.latest_server_version, "D > L");
    expect(m.download_client_version <= m.upload_client_version, "Dc > Uc");
    expect(m.download_server_version >= m.upload_server_version, "D < Us");
    expect((m.latest_server_version == 0) == (m.latest_server_salt == 0), "salt of L");
    std::uint64_t version = 0;
    std::uint64_t client_version = 0;
    for (const auto& e : m.entries) {
      expect(e.server_version > version, "server versions do not grow");
      expect(e.server_version <= m.download_server_version, "entry behind D");
      expect(e.client_version >= client_version, "client versions go back");
      expect(e.client_version <= m.download_client_version, "entry's client version behind Dc");
      expect(e.origin >= 1, "origin 0");
      expect(!e.changeset.empty(), "empty changeset sent");
      version = e.server_version;
      client_version = e.client_version;
    }
  }

  void check_level(const server_message& m) const {
    const bool connection = m.error_code >= 100 && m.error_code < 200;
    expect(connection || (m.error_code >= 200 && m.error_code < 300), "error code out of range");
    // The one exception of sync-protocol.md 8.3.
    const bool names_session = is_legacy() && m.error_code == 113;
    expect((connection && !names_session) == (m.session == 0), "error code does not fit the level");
    if (is_legacy())
      return expect(m.error_code < 200 || version_ >= 22 || m.error_code <= 212,
                    "error code that this version does not know");
    for (int code : {104, 202, 203, 205, 207, 213, 214, 215, 218, 219, 220, 221, 224})
      expect(m.error_code != code, "error code that aborts apps");
    check_age(m);
  }

  /// Clients take a code that their version does not know for a broken server (4.5).
  void check_age(const server_message& m) const {
    struct {
      int code;
      int since;
    } constexpr newer[] = {{114, 3}, {226, 3}, {227, 3}, {228, 3}, {229, 3},  {230, 3},
                           {231, 5}, {232, 8}, {233, 8}, {234, 8}, {235, 11}, {236, 11}};
    for (const auto& x : newer)
      expect(m.error_code != x.code || version_ >= x.since, "error code newer than the client");
  }

  void read_error(server_message& m) {
    expect(version_ < 4 || is_legacy(), "plain error for a client that wants json_error");
    m.error_code = static_cast<int>(number());
    const auto size = number();
    m.try_again = flag();
    m.session = number();
    m.text = take_body(size);
    check_level(m);
  }

  void read_json_error(server_message& m) {
    expect(version_ >= 4 && !is_legacy(), "json_error for a client that wants a plain error");
    m.error_code = static_cast<int>(number());
    const auto size = number();
    m.session = number();
    m.json = boost::json::parse(take_body(size)).as_object();
    const bool no_recovery = m.json.at("isRecoveryModeDisabled").as_bool();
    const bool resets = m.json.at("shouldClientReset").as_bool();
    m.try_again = m.json.at("tryAgain").as_bool();
    m.text = m.json.at("message").as_string();
    static_cast<void>(m.json.at("logURL").as_string());
    m.action = m.json.at("action").as_string();
    expect(resets == m.action.starts_with("ClientReset"), "shouldClientReset and action differ");
    expect(no_recovery == (m.action == "ClientResetNoRecovery"), "recovery mode and action differ");
    for (const auto* known : {"ProtocolViolation", "ApplicationBug", "Transient", "ClientReset",
                              "ClientResetNoRecovery"})
      if (m.action == known)
        return check_level(m);
    fail("unknown action");
  }

  void read_log_message(server_message& m) {
    expect(version_ >= 10 && !is_legacy(), "log_message for a client that does not know it");
    m.session = number();
    m.text = take_body(number());
    m.json = boost::json::parse(m.text).as_object();
    if (const auto* level = m.json.if_contains("level")) {
      const std::string_view text = level->as_string();
      for (const auto* known : {"fatal", "error", "warn", "info", "detail", "debug", "trace"})
        if (text == known)
          return;
      fail("unknown log level");
    }
  }

  void read_transact(server_message& m) {
    m.session = positive();
    m.status = number();
    constexpr int more_numbers = 5;
    for (int i = 0; i < more_numbers; ++i)
      expect(number() == 0, "number in a refused transaction");
  }

  void read_client_version(server_message& m) {
    expect(version_ <= 3 || (is_legacy() && !is_early()),
           "client_version for a client that never asks");
    m.session = positive();
    m.client_version = number();
  }

  void read_state(server_message& m) {
    expect(version_ <= 3 || (is_legacy() && !is_early()), "state for a client that never asks");
    m.session = positive();
    constexpr int numbers_before_size = 5;
    for (int i = 0; i < numbers_before_size; ++i)
      static_cast<void>(number());
    static_cast<void>(take_body(number()));
  }

  std::string_view all_;
  int version_;
  std::string_view head_;
  std::string_view body_;
};

} // namespace

server_message read_server_message(std::string_view text, int protocol_version) {
  return strict_reader{text, protocol_version}.read();
}

} // namespace ros::test
