#include "account_mail.hpp"

#include "auth_names.hpp"
#include "mail_text.hpp"

#include "runtime/encoding.hpp"

namespace ros::actors {

namespace {

constexpr std::int64_t hour_ms = 3'600'000;
constexpr unsigned token_digits = 64;

std::int64_t lifetime_ms(mail_purpose purpose) {
  return purpose == mail_purpose::reset_password ? 12 * hour_ms : 30 * 24 * hour_ms;
}

std::string hash_of(const std::string& token) {
  return runtime::hex_encode(runtime::sha256(token));
}

} // namespace

void account_mail_state::start(account_mail_context context) {
  context_ = std::move(context);
}

caf::result<std::string> account_mail_state::request(const request_mail& x) {
  if (!x.hand_over && !context_.mailer)
    return caf::make_error(auth_ec::no_mailer);
  // Before anybody looks whether there is such an account: the answer must not tell.
  if (!x.hand_over && !is_mail_address(x.account))
    return caf::make_error(auth_ec::bad_parameter, std::string{"email"});
  auto name = normalise_account_name(x.account);
  if (!name)
    return caf::make_error(auth_ec::unknown_account);
  if (!requests_.take(*name, {}, context_.clock->steady_ms()))
    return caf::make_error(auth_ec::too_many_attempts);
  auto answer = self_->make_response_promise<std::string>();
  auto token = context_.random->hex(token_digits);
  create_mail_token wish{x.purpose,
                         {"password", *name},
                         hash_of(token),
                         context_.clock->unix_ms() + lifetime_ms(x.purpose)};
  wish.by.address = x.address;
  self_->request(context_.admin_realm, caf::infinite, std::move(wish))
      .then([this, x, token,
             answer](const user_record& user) mutable { hand_over(x, token, user, answer); },
            [answer](caf::error& e) mutable { answer.deliver(std::move(e)); });
  return answer;
}

void account_mail_state::hand_over(const request_mail& x, std::string token,
                                   const user_record& user,
                                   caf::typed_response_promise<std::string> answer) {
  if (x.hand_over) {
    answer.deliver(std::move(token));
    return;
  }
  self_
      ->request(context_.mailer, caf::infinite,
                send_mail{x.purpose, x.account, user.id, std::move(token)})
      .then([answer](bool) mutable { answer.deliver(std::string{}); },
            [answer](caf::error& e) mutable { answer.deliver(std::move(e)); });
}

caf::result<user_record> account_mail_state::redeem(const redeem_mail& x) {
  // Nobody guesses 256 bits; but a new password costs a hash.
  if (!redeemed_.take({}, x.address, context_.clock->steady_ms()))
    return caf::make_error(auth_ec::too_many_attempts);
  auto answer = self_->make_response_promise<user_record>();
  consume_mail_token wish{x.purpose, hash_of(x.token)};
  wish.by.address = x.address;
  if (x.purpose == mail_purpose::confirm_email) {
    consume(std::move(wish), answer);
    return answer;
  }
  wish.revoke_tokens = context_.revoke_on_change;
  self_->request(context_.hash_pool, caf::infinite, hash_job{x.new_password, {}})
      .then(
          [this, wish, answer](hash_result& made) mutable {
            wish.credential = std::move(made.fresh);
            consume(std::move(wish), answer);
          },
          [answer](caf::error& e) mutable { answer.deliver(std::move(e)); });
  return answer;
}

void account_mail_state::consume(consume_mail_token wish,
                                 caf::typed_response_promise<user_record> answer) {
  self_->request(context_.admin_realm, caf::infinite, std::move(wish))
      .then([answer](user_record& user) mutable { answer.deliver(std::move(user)); },
            [answer](caf::error& e) mutable { answer.deliver(std::move(e)); });
}

account_mail_actor::behavior_type
account_mail(account_mail_actor::stateful_pointer<account_mail_state> self,
             account_mail_context context) {
  self->state.start(std::move(context));
  return {
      [self](const request_mail& x) { return self->state.request(x); },
      [self](const redeem_mail& x) { return self->state.redeem(x); },
  };
}

} // namespace ros::actors
