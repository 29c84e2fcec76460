// ACCOUNT MAIL: tokens that prove who reads the mail of an account, for new passwords and
// for the confirmation of addresses (http-api.md 5.2, 9.6). Owned by the node.
#pragma once

#include "auth_actors.hpp"
#include "auth_attempts.hpp"

#include "runtime/clock.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <string>

namespace ros::actors {

struct account_mail_context {
  admin_realm_actor admin_realm;
  hash_pool_actor hash_pool;
  mailer_actor mailer{};           ///< none: no mail server is configured
  runtime::clock* clock = nullptr; ///< both outlive the actor
  runtime::random_source* random = nullptr;
  bool revoke_on_change = false; ///< auth.providers.password.revoke_on_change
};

class account_mail_state {
public:
  static inline const char* name = "account_mail";
  using self_pointer = account_mail_actor::stateful_pointer<account_mail_state>;

  explicit account_mail_state(self_pointer self)
      : self_(self), requests_(5, 65536, 3'600'000), redeemed_(30) {}
  void start(account_mail_context context);
  caf::result<std::string> request(const request_mail& x);
  caf::result<user_record> redeem(const redeem_mail& x);

private:
  void hand_over(const request_mail& x, std::string token, const user_record& user,
                 caf::typed_response_promise<std::string> answer);
  void consume(consume_mail_token wish, caf::typed_response_promise<user_record> answer);

  self_pointer self_;
  account_mail_context context_;
  auth_attempts requests_; ///< by account
  auth_attempts redeemed_; ///< by address
};

account_mail_actor::behavior_type
account_mail(account_mail_actor::stateful_pointer<account_mail_state> self,
             account_mail_context context);

} // namespace ros::actors
