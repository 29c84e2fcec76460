// The effective configuration as YAML that can be loaded again.
#include "load.hpp"
#include "settings.hpp"

#include <fmt/format.h>

namespace ros::config {

namespace {

/// A double-quoted YAML scalar.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto b = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      (out += '\\') += c;
    else if (b < 0x20 || b == 0x7f)
      out += fmt::format("\\x{:02x}", b);
    else
      out += c;
  }
  return out + '"';
}

class printer {
public:
  static bool section(const char*, bool& on) { return on; }
  void webhooks(const char* prefix, const char* url_name, webhook_map& hooks) {
    for (auto& [name, hook] : hooks) {
      const auto key = prefix + name + '.';
      line(key + url_name, quoted(hook.url));
      line(key + "secret", masked(hook.secret));
    }
  }
  void scalars(const char* key, std::map<std::string, std::string>& values) {
    if (values.empty())
      line(key, "{}");
    for (const auto& [name, value] : values)
      line(std::string(key) + '.' + name, value);
  }
  void operator()(const char* key, std::string& text, const rule::secret&) {
    line(key, masked(text));
  }
  void operator()(const char* key, std::string& text, const rule::json_scalar&) { line(key, text); }
  void operator()(const char* key, bool& on, const rule::stanza&) {
    if (on)
      line(key, "{}");
  }
  template <class Rule>
  void operator()(const char* key, bool& on, const Rule&) {
    line(key, on ? "true" : "false");
  }
  template <class Rule>
  void operator()(const char* key, std::int64_t& n, const Rule&) {
    line(key, std::to_string(n));
  }
  template <class Rule>
  void operator()(const char* key, std::uint16_t& n, const Rule&) {
    line(key, std::to_string(n));
  }
  template <class Rule>
  void operator()(const char* key, std::string& text, const Rule&) {
    line(key, quoted(text));
  }
  template <class Rule>
  void operator()(const char* key, std::vector<std::string>& texts, const Rule&) {
    std::string all;
    for (const auto& t : texts)
      all += (all.empty() ? "" : ", ") + quoted(t);
    line(key, '[' + all + ']');
  }

  std::string take() { return std::move(out_); }

private:
  static std::string masked(const std::string& secret) {
    return secret.empty() ? "\"\"" : "\"********\"";
  }
  /// Opens the sections the key needs and has not in common with the one before.
  void line(const std::string& key, const std::string& value) {
    std::size_t begin = 0, depth = 0;
    for (auto dot = key.find('.'); dot != std::string::npos; dot = key.find('.', begin), ++depth) {
      const auto name = key.substr(begin, dot - begin);
      if (depth >= open_.size() || open_[depth] != name) {
        open_.resize(depth);
        open_.push_back(name);
        out_ += std::string(2 * depth, ' ') + name + ":\n";
      }
      begin = dot + 1;
    }
    open_.resize(depth);
    out_ += std::string(2 * depth, ' ') + key.substr(begin) + ": " + value + '\n';
  }

  std::vector<std::string> open_;
  std::string out_;
};

} // namespace

std::string print(const configuration& c) {
  auto copy = c;
  printer all;
  visit_settings(copy, all);
  return all.take();
}

} // namespace ros::config
