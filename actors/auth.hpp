// AUTH: log-in dispatch, token issue, refresh and revocation for both APIs
// (http-api.md 3, 4, 9.3, 9.4) and for sync upgrades (8.3). Owned by the node.
#pragma once

#include "auth_actors.hpp"
#include "auth_tokens.hpp"

#include "runtime/clock.hpp"
#include "runtime/tokens.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <functional>
#include <map>
#include <optional>
#include <string>

namespace ros::actors {

/// Providers by the server's own names; who is missing is switched off.
using provider_map = std::map<std::string, auth_provider_actor>;

/// What the actor lives on. Everything outlives it.
struct auth_context {
  admin_realm_actor admin_realm;
  provider_map legacy_providers;
  provider_map app_providers;
  std::optional<runtime::key_pair> keys; ///< must be able to sign
  runtime::clock* clock = nullptr;
  runtime::random_source* random = nullptr;
  token_options tokens;
};

class auth_state {
public:
  static inline const char* name = "auth";
  using self_pointer = auth_actor::stateful_pointer<auth_state>;

  explicit auth_state(self_pointer self) : self_(self) {}
  void start(auth_context context);

  caf::result<principal> check(const authenticate& x);
  caf::result<principal> check(const authenticate_upgrade& x);
  caf::result<recognised> enrol(enrol_account& x);
  caf::result<logged_in> log_user_in(log_in& x);
  caf::result<logged_in> link(link_identity& x);
  caf::result<std::string> refresh(const refresh_session& x);
  caf::result<bool> log_user_out(const log_out& x);
  caf::result<legacy_token> log_user_in(legacy_log_in& x);
  caf::result<legacy_token> exchange(const exchange_token& x);

private:
  /// Goes on with this user; `answer` has failed otherwise.
  template <class T, class Then>
  void with_user(const std::string& user_id, caf::typed_response_promise<T> answer, Then then);
  void link_to(const caller& who, const auth_provider_actor& provider, credentials proof,
               caf::typed_response_promise<logged_in> answer);
  [[nodiscard]] std::int64_t now_s() const { return context_.clock->unix_ms() / 1000; }
  /// The date of a new token that must not look older than this moment.
  [[nodiscard]] std::int64_t date_s(std::int64_t not_before_s) const {
    return std::max(now_s(), not_before_s);
  }
  [[nodiscard]] caf::expected<read_token_result> read_unexpired(const std::string& text) const;
  /// Answers with the token's principal if its user and session are still good.
  caf::result<principal> admit(read_token_result token);
  void open_for(const exchange_token& x, const caller& user, std::int64_t now_s,
                caf::typed_response_promise<legacy_token> answer);

  self_pointer self_;
  auth_context context_;
  std::optional<token_maker> maker_;
};

auth_actor::behavior_type auth(auth_actor::stateful_pointer<auth_state> self, auth_context context);

} // namespace ros::actors
