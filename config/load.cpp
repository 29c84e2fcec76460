#include "load.hpp"

#include "checks.hpp"
#include "keys.hpp"
#include "settings.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iterator>
#include <memory>
#include <utility>

namespace ros::config {

namespace {

constexpr std::size_t most_bytes = 1 << 20;

/// What is written, the last word per key.
using settings = std::map<std::string, entry>;

/// Fills the configuration from what is written.
class reader {
public:
  reader(const settings& written, load_result& to) : written_(written), to_(to) {}

  template <class T, class Rule>
  void operator()(const char* key, T& member, const Rule& rule) {
    if (const auto* e = find(key))
      if (auto wrong = read(*e, member, rule))
        complain(to_, severity::error, key, std::move(*wrong));
  }

  void operator()(const char* key, std::vector<std::string>& member, const rule::list& rule) {
    const auto* e = find(key);
    if (!e)
      return;
    member.clear();
    if (e->what == entry::shape::list) {
      for (const auto& item : e->items)
        add_item(key, item, rule.kind, member);
    } else if (e->what != entry::shape::nothing) {
      add_item(key, *e, rule.kind, member); // one element may stand without brackets
    }
  }

  /// A section that is there is switched on.
  bool section(const char* key, bool& on) {
    if (const auto* e = find(key))
      if (e->what != entry::shape::mapping && e->what != entry::shape::nothing)
        complain(to_, severity::error, key, "is a section: settings go indented below it");
    const auto prefix = std::string(key) + '.';
    const auto next = written_.lower_bound(prefix);
    on = written_.contains(key) || (next != written_.end() && next->first.starts_with(prefix));
    return true;
  }

  void webhooks(const char* prefix, const char* url_name, webhook_map& hooks) {
    for (const auto& [key, e] : under(prefix)) {
      const auto [name, leaf] = split_webhook_key(key.substr(std::string_view(prefix).size()));
      auto& hook = hooks[name];
      to_.places[key] = e.where;
      auto wrong = leaf == url_name   ? read(e, hook.url, rule::url{})
                   : leaf == "secret" ? read(e, hook.secret, rule::secret{})
                                      : std::nullopt;
      if (wrong)
        complain(to_, severity::error, key, std::move(*wrong));
    }
  }

  void scalars(const char* key, std::map<std::string, std::string>& values) {
    const auto prefix = std::string(key) + '.';
    for (const auto& [name, e] : under(prefix)) {
      to_.places[name] = e.where;
      if (auto wrong = read(e, values[name.substr(prefix.size())], rule::json_scalar{}))
        complain(to_, severity::error, name, std::move(*wrong));
    }
  }

private:
  [[nodiscard]] settings under(const std::string& prefix) const {
    settings out;
    for (auto i = written_.lower_bound(prefix); i != written_.end() && i->first.starts_with(prefix);
         ++i)
      out.insert(*i);
    return out;
  }

  const entry* find(const char* key) {
    const auto at = written_.find(key);
    if (at == written_.end())
      return nullptr;
    to_.places[key] = at->second.where;
    return &at->second;
  }

  void add_item(const char* key, const entry& item, item_kind kind, std::vector<std::string>& to) {
    std::string text;
    if (auto wrong = read_item(item, text, kind))
      to_.problems.push_back({severity::error, item.where, key, std::move(*wrong)});
    else
      to.push_back(std::move(text));
  }

  const settings& written_;
  load_result& to_;
};

struct read_text_result {
  std::string text;
  int error = 0; ///< errno
};

read_text_result read_file(const std::string& path) {
  read_text_result r;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"),
                                                             &std::fclose);
  if (!file)
    return {{}, errno};
  r.text.resize(most_bytes + 1);
  r.text.resize(std::fread(r.text.data(), 1, r.text.size(), file.get()));
  if (std::ferror(file.get()))
    return {{}, errno};
  if (r.text.size() > most_bytes)
    return {{}, EFBIG};
  return r;
}

std::vector<entry> option_entries(const command_line& options) {
  std::vector<entry> out;
  const auto add = [&](const std::optional<std::string>& value, const char* key, const char* name) {
    if (value)
      out.push_back(make_option_entry(key, *value, name));
  };
  add(options.root, "storage.root_path", "--root");
  add(options.public_key, "auth.public_key_path", "--public-key");
  add(options.private_key, "auth.private_key_path", "--private-key");
  add(options.log_level, "logging.level", "--log-level");
  add(options.log_path, "logging.path", "--log-path");
  return out;
}

/// Takes over a document: unknown keys become problems, the rest settings.
void merge(settings& into, document d, load_result& r) {
  std::move(d.problems.begin(), d.problems.end(), std::back_inserter(r.problems));
  for (auto& e : d.entries) {
    if (auto wrong = judge_key(e))
      r.problems.push_back(std::move(*wrong));
    else
      into.insert_or_assign(e.key, std::move(e));
  }
}

void fill(const settings& written, load_result& r) {
  reader read_all(written, r);
  visit_settings(r.value, read_all);
  check_values(r);
  sort_problems(r);
}

void load_overrides(settings& into, const command_line& options, load_result& r) {
  merge(into, {option_entries(options), {}}, r);
  for (const auto& assignment : options.set)
    merge(into, parse_assignment(assignment), r);
}

} // namespace

bool load_result::ok() const {
  return std::none_of(problems.begin(), problems.end(),
                      [](const problem& p) { return p.level == severity::error; });
}

load_result load_text(const std::string& yaml, const std::string& file,
                      const command_line& options) {
  load_result r;
  r.file = file;
  settings written;
  auto parsed = parse_document(yaml, file);
  // Without a readable file every mandatory setting would seem to be missing too.
  const bool readable = parsed.problems.empty() || !parsed.entries.empty();
  merge(written, std::move(parsed), r);
  load_overrides(written, options, r);
  if (readable)
    fill(written, r);
  return r;
}

load_result load(const command_line& options) {
  const auto& path = options.configuration_path;
  const auto read = read_file(path);
  if (read.error == 0)
    return load_text(read.text, path, options);
  if (read.error == ENOENT && !options.configuration_named)
    return load_text({}, {}, options);
  load_result r;
  r.file = path;
  r.problems.push_back({severity::error,
                        {path, 0, 0, {}},
                        {},
                        std::string("cannot be read: ") + std::strerror(read.error)});
  return r;
}

} // namespace ros::config
