#include "admin_realm.hpp"

#include "admin_state_rows.hpp"

#include "runtime/log.hpp"
#include "storage/admin_store.hpp"

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

/// The keys that an entry writes so far. A plan that touches one of them rests on a
/// state that will not be there any more and has to be made again.
class written_keys {
public:
  [[nodiscard]] bool collide(const admin_plan& plan) const {
    auto taken = [this](const std::string& key) { return keys_.contains(key); };
    return std::any_of(plan.reads.begin(), plan.reads.end(), taken) ||
           std::any_of(plan.rows.begin(), plan.rows.end(),
                       [&](const admin_row& row) { return taken(row.key); });
  }
  void add(const std::vector<admin_row>& rows) {
    for (const auto& row : rows)
      if (row.key != realm_counter_key) // several Realms of one entry count on
        keys_.insert(row.key);
  }
  [[nodiscard]] bool contains(const std::string& key) const { return keys_.contains(key); }

private:
  std::set<std::string> keys_;
};

storage::log_entry encode(std::uint64_t sequence, const std::vector<admin_row>& rows) {
  std::vector<std::pair<std::string, std::optional<std::string>>> pairs;
  pairs.reserve(rows.size());
  for (const auto& row : rows)
    pairs.emplace_back(row.key, row.value);
  return storage::make_admin_entry(sequence, pairs);
}

template <class Request, class Reply>
auto not_yet() {
  return [](const Request&) -> caf::result<Reply> { return unavailable("not served yet"); };
}

/// Answers a request with the outcome of a change.
template <class T>
caf::typed_response_promise<T> change(admin_realm_state::self_pointer self, admin_command command) {
  auto promise = self->template make_response_promise<T>();
  self->state.submit(std::move(command), [promise](caf::expected<admin_answer> answer) mutable {
    if (answer)
      promise.deliver(std::get<T>(std::move(*answer)));
    else
      promise.deliver(std::move(answer.error()));
  });
  return promise;
}

} // namespace

void admin_realm_state::start(admin_realm_context context) {
  context_ = std::move(context);
  load();
}

bool admin_realm_state::load() {
  admin_state fresh{context_.options.partition_default};
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
    result.user_id = context_.random->hex(32);
  while (content_.user(result.user_id));
  return result;
}

void admin_realm_state::submit(admin_command command, deliver_function deliver) {
  if (!usable())
    return deliver(unavailable("the users cannot be changed now"));
  // What the durable state decides without a write need not wait for others' writes.
  auto plan = content_.plan(command, inputs(0));
  if (!plan)
    return deliver(std::move(plan.error()));
  if (plan->rows.empty())
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
  written_keys written;
  std::deque<change> later;
  std::size_t new_realms = 0;
  while (!waiting_.empty() && in_flight_.changes.size() < max_changes_per_entry) {
    auto next = std::move(waiting_.front());
    waiting_.pop_front();
    auto plan = content_.plan(next.command, inputs(new_realms));
    if (!plan) {
      next.deliver(std::move(plan.error()));
    } else if (plan->rows.empty()) {
      next.deliver(std::move(plan->answer));
    } else if (written.collide(*plan)) {
      later.push_back(std::move(next));
    } else {
      new_realms += std::holds_alternative<ensure_realm>(next.command);
      written.add(plan->rows);
      in_flight_.rows.insert(in_flight_.rows.end(), plan->rows.begin(), plan->rows.end());
      in_flight_.changes.push_back({std::move(next), std::move(plan->answer)});
    }
  }
  waiting_.insert(waiting_.begin(), std::make_move_iterator(later.begin()),
                  std::make_move_iterator(later.end()));
  if (in_flight_.changes.empty())
    return;
  for (auto& row : content_.outdated_revocations(context_.clock->unix_ms(), sweep_limit))
    if (!written.contains(row.key))
      in_flight_.rows.push_back(std::move(row));
  self_->request(context_.log, caf::infinite, encode(sequence_ + 1, in_flight_.rows))
      .then([this](bool) { committed(); }, [this](const caf::error& reason) { failed(reason); });
}

void admin_realm_state::committed() {
  auto done = std::exchange(in_flight_, {});
  ++sequence_;
  for (const auto& row : done.rows)
    if (!content_.apply(row))
      log::error("admin_realm wrote a row it cannot read: {}", row.key);
  for (auto& [what, answer] : done.changes) {
    tell_watchers(what.command);
    what.deliver(std::move(answer));
  }
  commit();
}

/// A live session must not outlive the rights it rests on (access-control.md 9).
void admin_realm_state::tell_watchers(const admin_command& done) {
  if (const auto* revoked = std::get_if<revoke_token_key>(&done))
    watches_.end_token(revoked->token_key, caf::make_error(auth_ec::revoked_token));
  else if (const auto* deleted = std::get_if<delete_user>(&done))
    watches_.end_user(deleted->user_id, caf::make_error(auth_ec::unknown_user));
}

caf::result<bool> admin_realm_state::watch(const watch_access& x) {
  auto now = content();
  if (!now)
    return std::move(now.error());
  if (auto good = (*now)->check({x.user_id, x.token_key}); !good)
    return std::move(good.error());
  auto watcher = caf::actor_cast<caf::actor_addr>(self_->current_sender());
  auto promise = self_->make_response_promise<bool>();
  self_->monitor(watcher);
  watches_.add(watcher, x, promise);
  return promise;
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

admin_realm_actor::behavior_type
admin_realm(admin_realm_actor::stateful_pointer<admin_realm_state> self,
            admin_realm_context context) {
  self->state.start(std::move(context));
  self->set_down_handler([self](const caf::down_msg& down) { self->state.forget(down.source); });
  return {
      [self](const authorize_realm& x) -> caf::result<rights> {
        auto content = self->state.content();
        if (!content)
          return std::move(content.error());
        return (*content)->allowed(x.who, x.path);
      },
      [self](ensure_realm& x) { return change<realm_grant>(self, std::move(x)); },
      [self](const check_token& x) -> caf::result<caller> {
        auto content = self->state.content();
        if (!content)
          return std::move(content.error());
        return (*content)->check(x);
      },
      [self](const watch_access& x) { return self->state.watch(x); },
      [self](revoke_token_key& x) { return change<bool>(self, std::move(x)); },
      [self](register_user& x) { return change<user_record>(self, std::move(x)); },
      [self](const find_account& x) -> caf::result<account_record> {
        auto content = self->state.content();
        if (!content)
          return std::move(content.error());
        return (*content)->account(x.account);
      },
      [self](set_credential& x) { return change<bool>(self, std::move(x)); },
      [self](const read_user& x) -> caf::result<user_record> {
        auto content = self->state.content();
        if (!content)
          return std::move(content.error());
        auto user = (*content)->user(x.user_id);
        if (!user)
          return caf::make_error(auth_ec::unknown_user);
        return std::move(*user);
      },
      [self](delete_user& x) { return change<bool>(self, std::move(x)); },
      not_yet<watch_realm, rights>(),
      not_yet<read_quota, quota_limits>(),
      not_yet<revoke_user_tokens, bool>(),
      not_yet<admit_account, user_record>(),
      not_yet<activate_user, bool>(),
      not_yet<find_user, user_record>(),
      not_yet<list_users, user_page>(),
      not_yet<put_user, user_record>(),
      not_yet<link_account, user_record>(),
      not_yet<set_up_admin, user_record>(),
      not_yet<import_users, import_result>(),
      not_yet<read_totals, admin_totals>(),
      not_yet<create_api_key, api_key_record>(),
      not_yet<list_api_keys, api_key_list>(),
      not_yet<read_api_key, api_key_record>(),
      not_yet<enable_api_key, bool>(),
      not_yet<delete_api_key, bool>(),
      not_yet<find_api_key, api_key_record>(),
      not_yet<create_mail_token, user_record>(),
      not_yet<consume_mail_token, user_record>(),
      not_yet<change_permission, permission_changed>(),
      not_yet<list_permissions, permission_list>(),
      not_yet<list_realm_permissions, permission_list>(),
      not_yet<put_realm_permissions, permission_list>(),
      not_yet<make_offer, offer_record>(),
      not_yet<list_offers, offer_list>(),
      not_yet<accept_offer, offer_accepted>(),
      not_yet<withdraw_offer, bool>(),
      not_yet<set_offer_expiry, offer_record>(),
      not_yet<create_realm, realm_record>(),
      not_yet<set_realm_owner, realm_record>(),
      not_yet<read_realm, realm_record>(),
      not_yet<list_realms, realm_page>(),
      not_yet<delete_realm, realm_record>(),
      not_yet<follow_admin, admin_changes>(),
      not_yet<read_admin_rows, admin_rows>(),
      not_yet<scan_admin_rows, admin_rows>(),
      not_yet<note_audit, bool>(),
      not_yet<list_audit, audit_page>(),
      not_yet<set_user_quota, bool>(),
      not_yet<set_realm_quota, bool>(),
  };
}

} // namespace ros::actors
