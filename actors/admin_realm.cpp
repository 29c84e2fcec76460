#include "admin_realm.hpp"

#include "runtime/log.hpp"

#include <algorithm>
#include <set>

namespace ros::actors {

namespace {

/// Changes in one entry; bounds the time that an entry takes.
constexpr std::size_t max_changes_per_entry = 256;
/// Outdated revocations that an entry sweeps away beside its changes.
constexpr std::size_t sweep_limit = 16;

caf::error unavailable(const char* why) {
  return caf::make_error(ec::unavailable, std::string{why});
}

/// What the plans of an entry write, hold and read; see admin_plan for the rule.
class taken_names {
public:
  [[nodiscard]] bool collide(const admin_plan& plan) const {
    auto is_changed = [this](const std::string& name) { return changed_.contains(name); };
    auto is_taken = [&](const std::string& name) {
      return is_changed(name) || read_.contains(name);
    };
    return std::ranges::any_of(plan.reads, is_changed) ||
           std::ranges::any_of(plan.holds, is_taken) ||
           std::ranges::any_of(plan.rows, [&](const admin_row& row) { return is_taken(row.key); });
  }
  void add(const admin_plan& plan) {
    read_.insert(plan.reads.begin(), plan.reads.end());
    changed_.insert(plan.holds.begin(), plan.holds.end());
    for (const auto& row : plan.rows)
      if (row.key != realm_counter_key) // several Realms of one entry count on
        changed_.insert(row.key);
  }
  [[nodiscard]] bool contains(const std::string& key) const { return changed_.contains(key); }

private:
  std::set<std::string> changed_;
  std::set<std::string> read_;
};

storage::log_entry encode(std::uint64_t sequence, const std::vector<admin_row>& rows) {
  std::vector<std::pair<std::string, std::optional<std::string>>> pairs;
  pairs.reserve(rows.size());
  for (const auto& row : rows)
    pairs.emplace_back(row.key, row.value);
  return storage::make_admin_entry(sequence, pairs);
}

} // namespace

void admin_realm_state::start(admin_realm_context context) {
  context_ = std::move(context);
  load();
}

bool admin_realm_state::load() {
  const auto& options = context_.options;
  admin_state fresh{admin_rules{options.partition_default, options.additive,
                                options.keep_realms_of_deleted_users, options.user_quota,
                                options.realm_quota}};
  auto sequence = context_.load([&fresh](std::string_view key, std::string_view value) {
    if (!fresh.apply({std::string{key}, std::string{value}}))
      log::warn("admin_realm skips a stored row it cannot read: {}", key);
  });
  if (!sequence) {
    log::error("admin_realm cannot read its rows: {}", sequence.error().message);
    retry_at_ms_ = context_.clock->steady_ms() + context_.options.retry_ms;
    return false;
  }
  content_ = std::move(fresh);
  sequence_ = *sequence;
  loaded_ = current_ = true;
  feed_.restart(sequence_);
  return true;
}

/// Whether an entry may be built. After trouble the rows are read again, because
/// nobody knows whether the lost entry was written; not too often, since it costs.
bool admin_realm_state::usable() {
  return current_ || (context_.clock->steady_ms() >= retry_at_ms_ && load());
}

caf::expected<const admin_state*> admin_realm_state::content() {
  if (!loaded_ && !usable())
    return unavailable("the users cannot be read");
  return &content_;
}

plan_inputs admin_realm_state::inputs(std::size_t new_realms) const {
  plan_inputs result;
  result.now_ms = context_.clock->unix_ms();
  result.realm_id = content_.next_realm_id() + new_realms;
  do
    result.fresh_id = context_.random->hex(32);
  while (content_.user(result.fresh_id));
  return result;
}

void admin_realm_state::submit(admin_command command, deliver_function deliver) {
  if (!usable())
    return deliver(unavailable("the users cannot be changed now"));
  // What the durable state decides without a write need not wait for others' writes.
  auto plan = content_.plan(command, inputs(0));
  if (!plan)
    return deliver(std::move(plan.error()));
  if (plan->is_nothing())
    return deliver(std::move(plan->answer));
  if (waiting_.size() >= context_.options.max_waiting)
    return deliver(caf::make_error(ec::overloaded, std::string{"too many changes wait"}));
  waiting_.push_back({std::move(command), std::move(deliver)});
  commit();
}

/// Puts everything waiting that does not collide into one entry.
void admin_realm_state::commit() {
  if (!in_flight_.changes.empty())
    return;
  taken_names taken;
  std::deque<change> later;
  std::size_t new_realms = 0;
  while (!waiting_.empty() && in_flight_.changes.size() < max_changes_per_entry) {
    auto next = std::move(waiting_.front());
    waiting_.pop_front();
    auto plan = content_.plan(next.command, inputs(new_realms));
    if (!plan) {
      next.deliver(std::move(plan.error()));
    } else if (plan->is_nothing()) {
      next.deliver(std::move(plan->answer));
    } else if (taken.collide(*plan)) {
      later.push_back(std::move(next));
    } else {
      new_realms += plan->takes_realm_id;
      taken.add(*plan);
      in_flight_.rows.insert(in_flight_.rows.end(), plan->rows.begin(), plan->rows.end());
      if (plan->note)
        in_flight_.notes.push_back(std::move(*plan->note));
      in_flight_.changes.push_back({std::move(next), std::move(plan->answer)});
    }
  }
  waiting_.insert(waiting_.begin(), std::make_move_iterator(later.begin()),
                  std::make_move_iterator(later.end()));
  if (in_flight_.changes.empty())
    return;
  for (auto& row : content_.outdated(context_.clock->unix_ms(), sweep_limit))
    if (!taken.contains(row.key))
      in_flight_.rows.push_back(std::move(row));
  add_notes(in_flight_);
  self_->request(context_.log, caf::infinite, encode(sequence_ + 1, in_flight_.rows))
      .then([this](bool) { committed(); }, [this](const caf::error& reason) { failed(reason); });
}

/// The audit log's rows are numbered in the order of commits.
void admin_realm_state::add_notes(entry& x) const {
  if (x.notes.empty())
    return;
  auto number = content_.next_audit();
  const auto now_ms = context_.clock->unix_ms();
  for (const auto& note : x.notes)
    x.rows.push_back(
        write_audit({number++, now_ms, note.by, note.action, note.target, note.detail}));
  x.rows.push_back(write_row(std::string{audit_counter_key}, {{"next", number}}));
}

void admin_realm_state::committed() {
  auto done = std::exchange(in_flight_, {});
  ++sequence_;
  const auto changed = apply(done.rows);
  settle_watches(changed, done);
  feed_.add(sequence_, changed);
  remove_data();
  for (auto& [what, answer] : done.changes)
    what.deliver(std::move(answer));
  commit();
}

/// Takes durable rows over; answers with those that mirrors show.
std::set<admin_row_name> admin_realm_state::apply(const std::vector<admin_row>& rows) {
  std::set<admin_row_name> changed;
  auto note_account = [&](std::string_view name) {
    if (auto user = content_.account_owner(name); !user.empty())
      changed.insert({admin_row_kind::user, std::move(user), {}});
  };
  for (const auto& row : rows) {
    const auto kind = static_cast<row_kind>(row.key[0]);
    const auto name = std::string_view{row.key}.substr(2);
    if (kind == row_kind::account)
      note_account(name);
    if (!content_.apply(row))
      log::error("admin_realm wrote a row it cannot read: {}", row.key);
    if (kind == row_kind::account)
      note_account(name);
    else if (kind == row_kind::user)
      changed.insert({admin_row_kind::user, std::string{name}, {}});
    else if (kind == row_kind::realm)
      changed.insert({admin_row_kind::realm, {}, std::string{name}});
    else if (const auto parts = split_name(name); kind == row_kind::permission && parts)
      changed.insert(
          {admin_row_kind::permission, std::string{parts->second}, std::string{parts->first}});
  }
  return changed;
}

// -- watches ------------------------------------------------------------------------

/// A live session must not outlive the rights it rests on (access-control.md 9).
void admin_realm_state::settle_watches(const std::set<admin_row_name>& changed, const entry& done) {
  auto access = [this](const watch_access& x) { return access_news(x); };
  auto rights = [this](const watch_realm& x) { return rights_news(x); };
  for (const auto& row : changed) {
    if (row.kind == admin_row_kind::user) {
      access_watches_.settle_other(row.user, access);
      realm_watches_.settle_other(row.user, rights);
    } else if (row.user.empty()) { // a Realm, or its default row
      realm_watches_.settle(row.path, rights);
    } else {
      realm_watches_.settle_other(row.user, rights);
    }
  }
  for (const auto& [what, answer] : done.changes)
    if (const auto* revoked = std::get_if<revoke_token_key>(&what.command))
      access_watches_.settle(revoked->token_key, access);
}

std::optional<caf::expected<bool>> admin_realm_state::access_news(const watch_access& x) const {
  auto good = content_.check({x.user_id, x.token_key, x.issued_s});
  if (good)
    return std::nullopt;
  return caf::expected<bool>{std::move(good.error())};
}

std::optional<caf::expected<rights>> admin_realm_state::rights_news(const watch_realm& x) const {
  if (!content_.realm(x.path))
    return caf::expected<rights>{caf::make_error(auth_ec::realm_not_found)};
  const auto now = content_.allowed(x.who, x.path);
  if (now == x.known)
    return std::nullopt;
  return caf::expected<rights>{now};
}

namespace {

/// Answers at once if there is news, else when there is.
template <class Answer, class Questions, class What>
caf::result<Answer> ask_or_wait(admin_realm_state::self_pointer self, Questions& questions,
                                const What& what, const std::string& key, const std::string& other,
                                std::optional<caf::expected<Answer>> news) {
  if (news) {
    if (*news)
      return std::move(**news);
    return std::move(news->error());
  }
  const auto who = self->state.remember_sender();
  auto promise = self->template make_response_promise<Answer>();
  questions.add(who, what, key, other, promise);
  return promise;
}

} // namespace

caf::result<bool> admin_realm_state::watch(const watch_access& x) {
  if (auto now = content(); !now)
    return std::move(now.error());
  return ask_or_wait<bool>(self_, access_watches_, x, x.token_key, x.user_id, access_news(x));
}

caf::result<rights> admin_realm_state::watch(const watch_realm& x) {
  if (auto now = content(); !now)
    return std::move(now.error());
  return ask_or_wait<rights>(self_, realm_watches_, x, x.path, x.who.user_id, rights_news(x));
}

caf::result<admin_changes> admin_realm_state::follow(const follow_admin& x) {
  if (auto now = content(); !now)
    return std::move(now.error());
  const auto who = remember_sender();
  auto promise = self_->make_response_promise<admin_changes>();
  feed_.follow(who, x.from, promise);
  return promise;
}

/// Who asks again and again is watched once: every watch is a thing to keep.
caf::actor_addr admin_realm_state::remember_sender() {
  auto who = caf::actor_cast<caf::actor_addr>(self_->current_sender());
  if (monitored_.insert(who).second)
    self_->monitor(who);
  return who;
}

void admin_realm_state::forget(const caf::actor_addr& who) {
  monitored_.erase(who);
  access_watches_.forget(who);
  realm_watches_.forget(who);
  feed_.forget(who);
}

// -- deleted Realms -----------------------------------------------------------------

void admin_realm_state::set_remover(const realm_remover_actor& remover) {
  remover_ = remover;
  removing_.clear();
  remove_data();
}

/// Has the data of deleted Realms removed, again after a restart.
void admin_realm_state::remove_data() {
  constexpr std::size_t at_a_time = 16;
  if (!remover_)
    return;
  for (const auto& [id, path] : content_.deletions()) {
    if (removing_.size() >= at_a_time)
      return;
    if (!removing_.insert(id).second)
      continue;
    self_->request(remover_, caf::infinite, remove_realm_data{path, id})
        .then(
            [this, id = id](bool) {
              submit(realm_data_removed{id},
                     [this, id](const caf::expected<admin_answer>&) { removing_.erase(id); });
            },
            [this, id = id, path = path](const caf::error& reason) {
              log::warn("the data of the deleted Realm {} is not removed yet: {}", path,
                        self_->system().render(reason));
              removing_.erase(id); // asked again with the next change
            });
  }
}

// -- audit --------------------------------------------------------------------------

caf::result<audit_page> admin_realm_state::audit(const list_audit& x) {
  constexpr std::uint64_t max_page = 500;
  constexpr std::size_t max_looked_at = 10'000;
  if (auto now = content(); !now)
    return std::move(now.error());
  const auto limit = std::clamp<std::uint64_t>(x.limit, 1, max_page);
  audit_page page;
  std::size_t looked_at = 0;
  std::uint64_t last = 0;
  bool more = false;
  auto fits = [](const std::string& wanted, const std::string& is) {
    return wanted.empty() || wanted == is;
  };
  auto done =
      context_.read_audit(audit_key(x.before == 0 ? content_.next_audit() : x.before),
                          [&](std::string_view key, std::string_view value) {
                            if (page.records.size() == limit || looked_at++ == max_looked_at) {
                              more = true;
                              return false;
                            }
                            auto record = read_audit_row(key, value);
                            if (!record)
                              return true;
                            last = record->number;
                            if (fits(x.user, record->by.user_id) &&
                                fits(x.action, record->action) && fits(x.target, record->target))
                              page.records.push_back(std::move(*record));
                            return true;
                          });
  if (!done)
    return unavailable("the audit log cannot be read");
  page.next = more ? last : 0;
  return page;
}

void admin_realm_state::failed(const caf::error& reason) {
  log::error("admin_realm could not write an entry: {}", self_->system().render(reason));
  auto lost = std::exchange(in_flight_, {});
  auto behind = std::exchange(waiting_, {});
  current_ = false;
  retry_at_ms_ = context_.clock->steady_ms() + context_.options.retry_ms;
  for (auto& [what, answer] : lost.changes)
    what.deliver(unavailable("the change could not be written"));
  for (auto& what : behind)
    what.deliver(unavailable("the users cannot be changed now"));
}

} // namespace ros::actors
