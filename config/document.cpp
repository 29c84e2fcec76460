#include "document.hpp"

#include "runtime/encoding.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <map>
#include <sstream>
#include <utility>

namespace ros::config {

namespace {

/// Deeper than any setting; a document may refer to itself through aliases.
constexpr int deepest = 16;

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

/// The lines of a text, to show places in it.
class source {
public:
  source(const std::string& text, std::string file) : file_(std::move(file)) {
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
      if (!line.empty() && line.back() == '\r')
        line.pop_back();
      lines_.push_back(std::move(line));
    }
  }

  [[nodiscard]] place at(const YAML::Mark& mark) const {
    if (mark.is_null())
      return {file_, 0, 0, {}};
    // yaml-cpp counts bytes; operators and editors count characters.
    const auto line = std::min(static_cast<std::size_t>(mark.line), lines_.size());
    auto column = static_cast<std::size_t>(mark.column);
    if (line < lines_.size()) {
      const auto before = std::string_view(lines_[line]).substr(0, column);
      const auto inner = std::count_if(before.begin(), before.end(), is_continuation);
      column -= static_cast<std::size_t>(inner);
    }
    return at(static_cast<unsigned>(line) + 1, static_cast<unsigned>(column) + 1);
  }

  /// Both from 1, columns in characters.
  [[nodiscard]] place at(unsigned line, unsigned column) const {
    place p{file_, line, column, {}};
    if (line > lines_.size())
      return p;
    auto text = lines_[line - 1];
    std::replace(text.begin(), text.end(), '\t', ' ');
    const auto number = std::to_string(line);
    p.excerpt = "  " + number + " | " + text + "\n  " + std::string(number.size(), ' ') + " | " +
                std::string(column - 1, ' ') + std::string(width(text, column), '^');
    return p;
  }

  [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }

private:
  /// Characters of what stands at that column, at least one.
  static std::size_t width(std::string_view text, unsigned column) {
    while (column > 1 && !text.empty()) {
      text.remove_prefix(1);
      while (!text.empty() && is_continuation(text.front()))
        text.remove_prefix(1);
      --column;
    }
    text = text.substr(0, token_end(text));
    const auto inner = std::count_if(text.begin(), text.end(), is_continuation);
    return std::max<std::size_t>(text.size() - static_cast<std::size_t>(inner), 1);
  }

  static std::size_t token_end(std::string_view text) {
    if (text.starts_with('"') || text.starts_with('\'')) {
      const auto end = text.find(text.front(), 1);
      return end == std::string_view::npos ? text.size() : end + 1;
    }
    std::size_t end = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const bool comment = text[i] == '#' && i > 0 && text[i - 1] == ' ';
      const bool key_end = text[i] == ':' && (i + 1 == text.size() || text[i + 1] == ' ');
      if (comment || key_end || (text[i] == ',' && i > 0))
        break;
      if (text[i] != ' ')
        end = i + 1;
    }
    return end;
  }

  std::string file_;
  std::vector<std::string> lines_;
};

class flattener {
public:
  flattener(const source& s, document& out) : source_(s), out_(out) {}

  void take(const YAML::Node& node, const std::string& key, const place& key_where, int depth) {
    if (depth > deepest)
      return refuse(key_where, key, "is nested too deeply");
    if (!node.IsMap() || node.size() == 0)
      return add(scalar_or_list(node, key, key_where));
    for (const auto& item : node) {
      const auto where = source_.at(item.first.Mark());
      if (!item.first.IsScalar()) {
        refuse(where, key, "a key must be a single word");
        continue;
      }
      const auto name = key.empty() ? item.first.Scalar() : key + '.' + item.first.Scalar();
      const auto [known, is_new] = seen_.emplace(name, where.line);
      if (!is_new)
        refuse(where, name, "is given twice (also line " + std::to_string(known->second) + ")");
      else
        take(item.second, name, where, depth + 1);
    }
  }

private:
  entry scalar_or_list(const YAML::Node& node, const std::string& key, const place& key_where) {
    entry e;
    e.key = key;
    e.key_where = key_where;
    e.where = source_.at(node.Mark());
    if (node.IsNull() || e.where.line == 0)
      e.where = key_where;
    if (node.IsMap()) {
      e.what = entry::shape::mapping;
    } else if (node.IsSequence()) {
      e.what = entry::shape::list;
      for (const auto& item : node)
        e.items.push_back(
            item.IsSequence() || item.IsMap()
                ? entry{{}, entry::shape::mapping, {}, {}, source_.at(item.Mark()), {}}
                : scalar_or_list(item, {}, source_.at(item.Mark())));
    } else if (node.IsScalar()) {
      e.what = node.Tag() == "!" ? entry::shape::quoted : entry::shape::plain;
      e.text = node.Scalar();
    }
    return e;
  }

  void add(entry e) {
    if (!e.key.empty())
      out_.entries.push_back(std::move(e));
    else if (e.what != entry::shape::nothing && e.what != entry::shape::mapping)
      refuse(e.where, {}, "the document is no mapping of keys to values");
  }

  void refuse(const place& where, const std::string& key, std::string reason) {
    out_.problems.push_back({severity::error, where, key, std::move(reason)});
  }

  const source& source_;
  document& out_;
  std::map<std::string, unsigned> seen_; ///< key -> line
};

/// What yaml-cpp would report in riddles, or not at all.
std::optional<problem> find_bad_bytes(const source& s) {
  for (unsigned n = 0; n < s.lines().size(); ++n) {
    const auto& line = s.lines()[n];
    const auto text = line.find_first_not_of(" \t");
    if (text != std::string::npos && line[text] != '#')
      if (const auto tab = line.substr(0, text).find('\t'); tab != std::string::npos)
        return problem{severity::error,
                       s.at(n + 1, static_cast<unsigned>(tab) + 1),
                       {},
                       "tabs must not indent, use blanks"};
    for (std::string_view rest = line; !rest.empty();) {
      const auto length = runtime::utf8_sequence(rest);
      if (length == 0)
        return problem{severity::error, s.at(n + 1, 1), {}, "the line is not UTF-8"};
      rest.remove_prefix(length);
    }
  }
  return std::nullopt;
}

} // namespace

document parse_document(const std::string& yaml, const std::string& file) {
  document out;
  const source lines(yaml, file);
  if (auto bad = find_bad_bytes(lines)) {
    out.problems.push_back(std::move(*bad));
    return out;
  }
  try {
    // yaml-cpp takes a quote for closed that is still open at a final line end; behind the
    // comment there is none.
    const auto documents = YAML::LoadAll(yaml + "\n#");
    if (documents.size() > 1)
      out.problems.push_back({severity::error,
                              lines.at(documents[1].Mark()),
                              {},
                              "the file holds more than one document"});
    else if (!documents.empty())
      flattener(lines, out).take(documents[0], {}, {file, 0, 0, {}}, 0);
  } catch (const YAML::Exception& e) {
    out.problems.push_back({severity::error, lines.at(e.mark), {}, "this is not YAML: " + e.msg});
  }
  return out;
}

entry make_option_entry(std::string key, std::string value, std::string option) {
  entry e;
  e.key = std::move(key);
  e.what = value.empty() ? entry::shape::nothing : entry::shape::quoted;
  e.text = std::move(value);
  e.where.file = e.key_where.file = std::move(option);
  return e;
}

document parse_assignment(const std::string& text) {
  document out;
  const place option{"--set", 0, 0, {}};
  const auto equals = text.find('=');
  if (equals == 0 || equals == std::string::npos) {
    out.problems.push_back({severity::error, option, {}, '"' + text + "\" is not KEY=VALUE"});
    return out;
  }
  const auto key = text.substr(0, equals);
  const auto value = text.substr(equals + 1);
  const source no_lines({}, option.file);
  try {
    const auto node = YAML::Load(value);
    if (node.IsMap() && !value.starts_with('{'))
      throw YAML::Exception(YAML::Mark::null_mark(), "text with a colon, for instance \"::\"");
    flattener(no_lines, out).take(node, key, option, 0);
  } catch (const YAML::Exception&) {
    // No YAML, for instance "*": then it is the text itself.
    out.entries = {make_option_entry(key, value, option.file)};
  }
  for (auto& e : out.entries) {
    e.where = e.key_where = option;
    for (auto& item : e.items)
      item.where = option;
  }
  for (auto& p : out.problems)
    p.where = option;
  return out;
}

} // namespace ros::config
