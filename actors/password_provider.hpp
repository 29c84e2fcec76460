// The PASSWORD PROVIDER: proves who somebody is by user name and password
// (http-api.md 4.4). Owned by the node; always enabled.
#pragma once

#include "auth_actors.hpp"
#include "auth_attempts.hpp"

#include "runtime/clock.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <cstdint>

namespace ros::actors {

/// See auth.providers.password of operations.md 2.4.
struct password_provider_options {
  bool auto_register = false;
  bool reveal_unknown_accounts = false;
  std::int64_t max_attempts_per_minute = 30;
  bool confirm_by_mail = false; ///< app_services.confirm is "email"
};

struct password_provider_context {
  admin_realm_actor admin_realm;
  hash_pool_actor hash_pool;
  runtime::clock* clock = nullptr; ///< outlives the actor
  password_provider_options options;
};

class password_provider_state {
public:
  static inline const char* name = "password_provider";
  using self_pointer = auth_provider_actor::stateful_pointer<password_provider_state>;
  using promise = caf::typed_response_promise<recognised>;

  explicit password_provider_state(self_pointer self) : self_(self) {}
  void start(password_provider_context context);
  /// Does what the credentials ask for; fails as AUTH PROVIDERs do.
  void recognise(credentials presented, promise answer);
  /// Answers with the account if the password fits.
  void prove(credentials presented, caf::typed_response_promise<identified> answer);

private:
  void look_up(credentials presented, promise answer);
  void enrol(const credentials& presented, promise answer);
  void verify(const credentials& presented, const account_record& account, promise answer);
  void welcome(const credentials& presented, const account_record& account, promise answer);
  void admit(const credentials& presented, const account_record& account, promise answer);
  void refuse_unknown(const credentials& presented, promise answer);
  void remember(const std::string& account, std::string hash);

  self_pointer self_;
  password_provider_context context_;
  auth_attempts attempts_{0};
};

auth_provider_actor::behavior_type
password_provider(auth_provider_actor::stateful_pointer<password_provider_state> self,
                  password_provider_context context);

} // namespace ros::actors
