// Which handler of the ADMIN REALM answers which message.
#include "admin_realm.hpp"

#include <utility>

namespace ros::actors {

namespace {

using self_pointer = admin_realm_state::self_pointer;

/// Answers a request with the outcome of a change.
template <class T>
caf::typed_response_promise<T> change(self_pointer self, admin_command command) {
  auto promise = self->template make_response_promise<T>();
  self->state.submit(std::move(command), [promise](caf::expected<admin_answer> answer) mutable {
    if (answer)
      promise.deliver(std::get<T>(std::move(*answer)));
    else
      promise.deliver(std::move(answer.error()));
  });
  return promise;
}

/// A handler that carries out a change.
template <class Request, class Reply>
auto changes(self_pointer self) {
  return [self](Request& x) { return change<Reply>(self, std::move(x)); };
}

template <class T>
caf::result<T> to_result(T x) {
  return x;
}
template <class T>
caf::result<T> to_result(caf::expected<T> x) {
  if (x)
    return std::move(*x);
  return std::move(x.error());
}

/// A handler that answers from memory.
template <class Request, class Reply, class Read>
auto reads(self_pointer self, Read read) {
  return [self, read](const Request& x) -> caf::result<Reply> {
    auto content = self->state.content();
    if (!content)
      return std::move(content.error());
    return to_result(read(**content, x));
  };
}

/// Who imports without ids gets new ones.
caf::typed_response_promise<import_result> import(self_pointer self, import_users& x) {
  constexpr std::size_t most = 1000;
  if (x.users.size() > most) {
    auto promise = self->make_response_promise<import_result>();
    promise.deliver(caf::make_error(auth_ec::bad_parameter, std::string{"users"}));
    return promise;
  }
  for (auto& user : x.users)
    if (user.id.empty())
      user.id = self->state.random_id();
  return change<import_result>(self, std::move(x));
}

/// Rows for mirrors, with the sequence as of which they are.
template <class Request>
auto mirrors(self_pointer self) {
  return reads<Request, admin_rows>(self, [self](const admin_state& state, const Request& x) {
    auto result = state.rows(x);
    result.sequence = self->state.sequence();
    return result;
  });
}

caf::expected<user_record> user_of(const admin_state& state, const read_user& x) {
  auto user = state.user(x.user_id);
  if (!user)
    return caf::make_error(auth_ec::unknown_user);
  return std::move(*user);
}

caf::expected<realm_record> realm_of(const admin_state& state, const read_realm& x) {
  const auto* realm = state.realm(x.path);
  if (!realm)
    return caf::make_error(auth_ec::realm_not_found);
  return *realm;
}

} // namespace

admin_realm_actor::behavior_type
admin_realm(admin_realm_actor::stateful_pointer<admin_realm_state> self,
            admin_realm_context context) {
  self->state.start(std::move(context));
  self->set_down_handler([self](const caf::down_msg& down) { self->state.forget(down.source); });
  using state = admin_state;
  return {
      reads<authorize_realm, rights>(
          self, [](const state& s, const auto& x) { return s.allowed(x.who, x.path); }),
      changes<ensure_realm, realm_grant>(self),
      reads<check_token, caller>(self, [](const state& s, const auto& x) { return s.check(x); }),
      [self](const watch_access& x) { return self->state.watch(x); },
      [self](const watch_realm& x) { return self->state.watch(x); },
      reads<read_quota, quota_limits>(self,
                                      [](const state& s, const auto& x) { return s.limits(x); }),
      changes<revoke_token_key, bool>(self),
      changes<revoke_user_tokens, bool>(self),
      changes<register_user, user_record>(self),
      changes<admit_account, user_record>(self),
      changes<activate_user, bool>(self),
      reads<find_account, account_record>(
          self, [](const state& s, const auto& x) { return s.account(x.account); }),
      changes<set_credential, bool>(self),
      reads<read_user, user_record>(self, user_of),
      reads<find_user, user_record>(self, [](const state& s, const auto& x) { return s.find(x); }),
      reads<list_users, user_page>(self, [](const state& s, const auto& x) { return s.page(x); }),
      changes<put_user, user_record>(self),
      changes<delete_user, bool>(self),
      changes<link_account, user_record>(self),
      changes<set_up_admin, user_record>(self),
      [self](import_users& x) { return import(self, x); },
      reads<read_totals, admin_totals>(self,
                                       [](const state& s, const auto&) { return s.totals(); }),
      changes<create_api_key, api_key_record>(self),
      reads<list_api_keys, api_key_list>(self,
                                         [](const state& s, const auto& x) { return s.keys(x); }),
      reads<read_api_key, api_key_record>(self,
                                          [](const state& s, const auto& x) { return s.key(x); }),
      changes<enable_api_key, bool>(self),
      changes<delete_api_key, bool>(self),
      reads<find_api_key, api_key_record>(self,
                                          [](const state& s, const auto& x) { return s.key(x); }),
      changes<create_mail_token, user_record>(self),
      changes<consume_mail_token, user_record>(self),
      changes<change_permission, permission_changed>(self),
      reads<list_permissions, permission_list>(
          self, [](const state& s, const auto& x) { return s.list(x); }),
      reads<list_realm_permissions, permission_list>(
          self, [](const state& s, const auto& x) { return s.list(x); }),
      changes<put_realm_permissions, permission_list>(self),
      changes<make_offer, offer_record>(self),
      reads<list_offers, offer_list>(self, [](const state& s, const auto& x) { return s.list(x); }),
      changes<accept_offer, offer_accepted>(self),
      changes<withdraw_offer, bool>(self),
      changes<set_offer_expiry, offer_record>(self),
      changes<create_realm, realm_record>(self),
      changes<set_realm_owner, realm_record>(self),
      reads<read_realm, realm_record>(self, realm_of),
      reads<list_realms, realm_page>(self, [](const state& s, const auto& x) { return s.page(x); }),
      changes<delete_realm, realm_record>(self),
      [self](const follow_admin& x) { return self->state.follow(x); },
      mirrors<read_admin_rows>(self),
      mirrors<scan_admin_rows>(self),
      changes<note_audit, bool>(self),
      [self](const list_audit& x) { return self->state.audit(x); },
      changes<set_user_quota, bool>(self),
      changes<set_realm_quota, bool>(self),
      [self](const realm_remover_actor& x) { self->state.set_remover(x); },
  };
}

} // namespace ros::actors
