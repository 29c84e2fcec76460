#include "auth.hpp"

#include "realm_path.hpp"

#include <algorithm>

namespace ros::actors {

namespace {

/// Passes a failure on.
template <class T>
auto fail(caf::typed_response_promise<T> answer) {
  return [answer](caf::error& reason) mutable { answer.deliver(std::move(reason)); };
}

const auth_provider_actor* find(const provider_map& providers, const std::string& name) {
  auto found = providers.find(name);
  return found == providers.end() ? nullptr : &found->second;
}

/// http-api.md 9.3: 24 hexadecimal digits.
bool is_device_id(const std::string& text) {
  return text.size() == 24 && text.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
}

/// Whether a token of this kind may open a sync connection of this face (8.3).
bool opens_sync(const read_token_result& token, api_face face) {
  if (token.kind == token_kind::admin)
    return true;
  if (token.kind != token_kind::access)
    return false;
  if (face == api_face::app_services)
    return !token.of_legacy;
  const auto& label = token.claims.sync_label; // of another sync server (sync-protocol.md 6.1)
  return !token.of_app_services && (label.empty() || label == "default");
}

} // namespace

void auth_state::start(auth_context context) {
  context_ = std::move(context);
  maker_.emplace(*context_.keys, *context_.random, context_.tokens);
}

caf::expected<read_token_result> auth_state::read_unexpired(const std::string& text) const {
  auto token = read_token(text, *context_.keys, now_s());
  if (token && token->expired)
    return caf::make_error(auth_ec::expired_token);
  return token;
}

caf::result<principal> auth_state::admit(read_token_result token) {
  auto answer = self_->make_response_promise<principal>();
  const check_token question{token.user_id(), token.key, token.issued_s()};
  self_->request(context_.admin_realm, caf::infinite, question)
      .then([answer, token = std::move(token)](
                const caller& who) mutable { answer.deliver(token.as_principal(who)); },
            fail(answer));
  return answer;
}

caf::result<principal> auth_state::check(const authenticate& x) {
  auto token = read_unexpired(x.text);
  if (!token)
    return std::move(token.error());
  bool fits =
      token->kind == token_kind::admin || x.needs == token_kind::user || x.needs == token->kind;
  if (!fits || (x.face == api_face::app_services && token->of_legacy))
    return caf::make_error(auth_ec::wrong_token_kind);
  return admit(std::move(*token));
}

caf::result<principal> auth_state::check(const authenticate_upgrade& x) {
  auto token =
      x.tolerate_expiry ? read_token(x.text, *context_.keys, now_s()) : read_unexpired(x.text);
  if (!token)
    return std::move(token.error());
  if (!opens_sync(*token, x.face))
    return caf::make_error(auth_ec::wrong_token_kind);
  return admit(std::move(*token));
}

caf::result<recognised> auth_state::enrol(enrol_account& x) {
  auto* provider = find(context_.app_providers, x.provider);
  if (!provider)
    return caf::make_error(auth_ec::unknown_provider);
  x.proof.enrol = registration::ahead;
  return self_->delegate(*provider, std::move(x.proof));
}

template <class T, class Then>
void auth_state::with_user(const std::string& user_id, caf::typed_response_promise<T> answer,
                           Then then) {
  self_->request(context_.admin_realm, caf::infinite, read_user{user_id})
      .then([then](const user_record& user) mutable { then(user); }, fail(answer));
}

caf::result<logged_in> auth_state::log_user_in(log_in& x) {
  auto* provider = find(context_.app_providers, x.provider);
  if (!provider)
    return caf::make_error(auth_ec::unknown_provider);
  auto answer = self_->make_response_promise<logged_in>();
  auto device = is_device_id(x.device_id) ? x.device_id : std::string{};
  self_->request(*provider, caf::infinite, std::move(x.proof))
      .then(
          [this, answer, device](const recognised& user) mutable {
            if (!user.email_confirmed.value_or(true)) {
              answer.deliver(caf::make_error(auth_ec::confirmation_required));
              return;
            }
            with_user(user.user_id, answer, [this, answer, device](const user_record& x) mutable {
              answer.deliver(
                  maker_->start_session(x.id, device, date_s(x.tokens_from_s), user_data_of(x)));
            });
          },
          fail(answer));
  return answer;
}

caf::result<logged_in> auth_state::link(link_identity& x) {
  auto token = read_unexpired(x.access_token);
  if (!token)
    return std::move(token.error());
  if (!token->of_app_services || token->kind != token_kind::access)
    return caf::make_error(auth_ec::wrong_token_kind);
  auto* provider = find(context_.app_providers, x.provider);
  if (!provider)
    return caf::make_error(auth_ec::unknown_provider);
  auto answer = self_->make_response_promise<logged_in>();
  const check_token question{token->user_id(), token->key, token->issued_s()};
  self_->request(context_.admin_realm, caf::infinite, question)
      .then([this, answer, provider = *provider,
             x](const caller& who) mutable { link_to(who, provider, std::move(x.proof), answer); },
            fail(answer));
  return answer;
}

/// The user of the token is good: what can the credentials prove?
void auth_state::link_to(const caller& who, const auth_provider_actor& provider, credentials proof,
                         caf::typed_response_promise<logged_in> answer) {
  initiator by{who.user_id, proof.address};
  self_->request(provider, caf::infinite, identify{std::move(proof)})
      .then(
          [this, answer, user_id = who.user_id, by](identified& x) mutable {
            link_account change{user_id, std::move(x.account), std::move(x.credential),
                                std::move(x.metadata), by};
            self_->request(context_.admin_realm, caf::infinite, std::move(change))
                .then(
                    [this, answer](const user_record& user) mutable {
                      answer.deliver(maker_->start_session(user.id, {}, date_s(user.tokens_from_s),
                                                           user_data_of(user)));
                    },
                    fail(answer));
          },
          fail(answer));
}

caf::result<std::string> auth_state::refresh(const refresh_session& x) {
  auto token = read_unexpired(x.refresh_token);
  if (!token)
    return std::move(token.error());
  if (!token->of_app_services || token->kind != token_kind::refresh)
    return caf::make_error(auth_ec::wrong_token_kind);
  auto answer = self_->make_response_promise<std::string>();
  self_
      ->request(context_.admin_realm, caf::infinite,
                check_token{token->user_id(), token->key, token->issued_s()})
      .then(
          [this, answer, claims = std::move(token->claims)](const caller& user) mutable {
            with_user(user.user_id, answer, [this, answer, claims](const user_record& x) mutable {
              answer.deliver(maker_->access_jwt(claims, date_s(x.tokens_from_s), user_data_of(x)));
            });
          },
          fail(answer));
  return answer;
}

caf::result<bool> auth_state::log_user_out(const log_out& x) {
  auto token = read_token(x.refresh_token, *context_.keys, now_s());
  if (!token)
    return std::move(token.error());
  if (token->kind != token_kind::refresh)
    return caf::make_error(auth_ec::wrong_token_kind);
  if (token->expired)
    return true;
  return self_->delegate(context_.admin_realm,
                         revoke_token_key{token->key, token->claims.expires.value_or(0)});
}

caf::result<legacy_token> auth_state::log_user_in(legacy_log_in& x) {
  auto* provider = find(context_.legacy_providers, x.provider);
  if (!provider)
    return caf::make_error(auth_ec::unknown_provider);
  auto answer = self_->make_response_promise<legacy_token>();
  self_->request(*provider, caf::infinite, std::move(x.proof))
      .then(
          [this, answer, app_id = x.app_id](const recognised& user) mutable {
            with_user(
                user.user_id, answer, [this, answer, app_id, user](const user_record& x) mutable {
                  answer.deliver(maker_->legacy_refresh(user, app_id, date_s(x.tokens_from_s)));
                });
          },
          fail(answer));
  return answer;
}

caf::result<legacy_token> auth_state::exchange(const exchange_token& x) {
  auto token = read_unexpired(x.refresh_token);
  if (!token)
    return std::move(token.error());
  if (token->of_app_services || token->kind != token_kind::refresh)
    return caf::make_error(auth_ec::wrong_token_kind);
  auto answer = self_->make_response_promise<legacy_token>();
  self_
      ->request(context_.admin_realm, caf::infinite,
                check_token{token->user_id(), token->key, token->issued_s()})
      .then([this, x, answer, issued_s = token->issued_s()](
                const caller& user) mutable { open_for(x, user, date_s(issued_s), answer); },
            fail(answer));
  return answer;
}

/// Steps 4 to 8 of http-api.md 4.3.
void auth_state::open_for(const exchange_token& x, const caller& user, std::int64_t now_s,
                          caf::typed_response_promise<legacy_token> answer) {
  if (x.path.empty()) {
    answer.deliver(maker_->legacy_user(user, x.app_id, now_s));
    return;
  }
  auto path = normalise_realm_path(x.path, user.user_id);
  if (!path) {
    answer.deliver(caf::make_error(auth_ec::bad_parameter, std::string{"path"}));
    return;
  }
  self_->request(context_.admin_realm, caf::infinite, ensure_realm{user, *path, {}})
      .then(
          [this, answer, user, now_s, app_id = x.app_id](const realm_grant& grant) mutable {
            answer.deliver(
                maker_->legacy_access(user, app_id, grant.realm.path, grant.allowed, now_s));
          },
          fail(answer));
}

auth_actor::behavior_type auth(auth_actor::stateful_pointer<auth_state> self,
                               auth_context context) {
  self->state.start(std::move(context));
  return {
      [self](const authenticate& x) { return self->state.check(x); },
      [self](const authenticate_upgrade& x) { return self->state.check(x); },
      [self](enrol_account& x) { return self->state.enrol(x); },
      [self](log_in& x) { return self->state.log_user_in(x); },
      [self](link_identity& x) { return self->state.link(x); },
      [self](const refresh_session& x) { return self->state.refresh(x); },
      [self](const log_out& x) { return self->state.log_user_out(x); },
      [self](legacy_log_in& x) { return self->state.log_user_in(x); },
      [self](const exchange_token& x) { return self->state.exchange(x); },
  };
}

} // namespace ros::actors
