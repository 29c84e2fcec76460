#include "password_provider.hpp"

#include "auth_names.hpp"

#include "runtime/log.hpp"

namespace ros::actors {

namespace {

constexpr const char* provider_name = "password";

account_name account_of(const credentials& x) {
  return {provider_name, x.data};
}

void refuse(password_provider_state::promise answer, caf::error reason) {
  answer.deliver(std::move(reason));
}

/// Passes a failure on.
auto fail(password_provider_state::promise answer) {
  return [answer](caf::error& reason) mutable { answer.deliver(std::move(reason)); };
}

} // namespace

void password_provider_state::start(password_provider_context context) {
  context_ = std::move(context);
  attempts_ = auth_attempts{context_.options.max_attempts_per_minute};
}

void password_provider_state::recognise(credentials presented, promise answer) {
  auto name = normalise_account_name(presented.data);
  if (!name)
    return refuse(answer, caf::make_error(auth_ec::bad_parameter, std::string{"data"}));
  presented.data = std::move(*name);
  if (!attempts_.take(presented.data, presented.address, context_.clock->steady_ms()))
    return refuse(answer, caf::make_error(auth_ec::too_many_attempts));
  look_up(std::move(presented), std::move(answer));
}

void password_provider_state::look_up(credentials presented, promise answer) {
  self_->request(context_.admin_realm, caf::infinite, find_account{account_of(presented)})
      .then(
          [this, presented, answer](const account_record& account) mutable {
            bool exists = !account.user_id.empty();
            bool wanted = presented.enrol == registration::required ||
                          presented.enrol == registration::ahead ||
                          (presented.enrol == registration::by_configuration &&
                           context_.options.auto_register && !exists);
            if (wanted && exists)
              answer.deliver(caf::make_error(auth_ec::account_exists));
            else if (wanted)
              enrol(presented, answer);
            else if (exists)
              verify(presented, account, answer);
            else
              refuse_unknown(presented, answer);
          },
          fail(answer));
}

void password_provider_state::enrol(const credentials& presented, promise answer) {
  self_->request(context_.hash_pool, caf::infinite, hash_job{presented.password, {}})
      .then(
          [this, presented, answer](hash_result& made) mutable {
            self_
                ->request(context_.admin_realm, caf::infinite,
                          register_user{.account = account_of(presented),
                                        .credential = std::move(made.fresh),
                                        .pending = presented.enrol == registration::ahead})
                .then(
                    [this, presented, answer](const user_record& user) mutable {
                      attempts_.give_back(presented.data, presented.address);
                      answer.deliver(recognised{user.id, user.is_admin});
                    },
                    fail(answer));
          },
          fail(answer));
}

void password_provider_state::verify(const credentials& presented, const account_record& account,
                                     promise answer) {
  // An account without credential has no password that would fit.
  if (account.credential.empty())
    return refuse_unknown(presented, std::move(answer));
  self_
      ->request(context_.hash_pool, caf::infinite, hash_job{presented.password, account.credential})
      .then(
          [this, presented, account, answer](hash_result& result) mutable {
            if (!result.matches)
              return refuse(answer, caf::make_error(auth_ec::invalid_credentials));
            if (!result.fresh.empty())
              remember(presented.data, std::move(result.fresh));
            welcome(presented, account, answer);
          },
          fail(answer));
}

/// The password fits.
void password_provider_state::welcome(const credentials& presented, const account_record& account,
                                      promise answer) {
  // Who has to confirm the address first does not get in now.
  const bool must_confirm = context_.options.confirm_by_mail && !account.email_confirmed;
  if (!account.pending || must_confirm)
    return admit(presented, account, std::move(answer));
  // From now on the account cannot be linked away from its user.
  self_->request(context_.admin_realm, caf::infinite, activate_user{account.user_id})
      .then([this, presented, account, answer](bool) mutable { admit(presented, account, answer); },
            fail(answer));
}

/// Linking needs no welcome, only the right password.
void password_provider_state::prove(credentials presented,
                                    caf::typed_response_promise<identified> answer) {
  auto refused = [answer](caf::error reason) mutable { answer.deliver(std::move(reason)); };
  auto name = normalise_account_name(presented.data);
  if (!name)
    return refused(caf::make_error(auth_ec::bad_parameter, std::string{"data"}));
  presented.data = std::move(*name);
  if (!attempts_.take(presented.data, presented.address, context_.clock->steady_ms()))
    return refused(caf::make_error(auth_ec::too_many_attempts));
  auto found = [this, presented, answer, refused](const account_record& account) mutable {
    // Without a credential something is hashed all the same, as in refuse_unknown.
    hash_job job{presented.password, account.credential};
    const bool must_confirm = context_.options.confirm_by_mail && !account.email_confirmed;
    auto hashed = [this, presented, must_confirm, answer](const hash_result& result) mutable {
      if (result.matches && must_confirm) {
        answer.deliver(caf::make_error(auth_ec::confirmation_required));
      } else if (result.matches) {
        attempts_.give_back(presented.data, presented.address);
        answer.deliver(identified{account_of(presented)});
      } else {
        answer.deliver(caf::make_error(auth_ec::invalid_credentials));
      }
    };
    self_->request(context_.hash_pool, caf::infinite, std::move(job)).then(hashed, refused);
  };
  self_->request(context_.admin_realm, caf::infinite, find_account{account_of(presented)})
      .then(found, refused);
}

/// Is the user still one?
void password_provider_state::admit(const credentials& presented, const account_record& account,
                                    promise answer) {
  attempts_.give_back(presented.data, presented.address);
  caf::optional<bool> confirmed;
  if (context_.options.confirm_by_mail)
    confirmed = account.email_confirmed;
  self_->request(context_.admin_realm, caf::infinite, check_token{account.user_id, {}})
      .then(
          [answer, confirmed](const caller& user) mutable {
            answer.deliver(recognised{user.user_id, user.is_admin, 0, confirmed});
          },
          fail(answer));
}

void password_provider_state::refuse_unknown(const credentials& presented, promise answer) {
  if (context_.options.reveal_unknown_accounts)
    return refuse(answer, caf::make_error(auth_ec::unknown_account));
  // Hash something all the same: the time must not tell that nobody has this name.
  self_->request(context_.hash_pool, caf::infinite, hash_job{presented.password, {}})
      .then(
          [answer](const hash_result&) mutable {
            answer.deliver(caf::make_error(auth_ec::invalid_credentials));
          },
          fail(answer));
}

/// Stores a hash of today's cost in place of an older one. If that fails the next
/// log-in tries again.
void password_provider_state::remember(const std::string& account, std::string hash) {
  self_
      ->request(context_.admin_realm, caf::infinite,
                set_credential{{provider_name, account}, std::move(hash)})
      .then([](bool) {},
            [this](const caf::error& reason) {
              log::warn("password_provider could not renew a hash: {}",
                        self_->system().render(reason));
            });
}

auth_provider_actor::behavior_type
password_provider(auth_provider_actor::stateful_pointer<password_provider_state> self,
                  password_provider_context context) {
  self->state.start(std::move(context));
  return {
      [self](credentials& presented) {
        auto answer = self->make_response_promise<recognised>();
        self->state.recognise(std::move(presented), answer);
        return answer;
      },
      [self](identify& x) {
        auto answer = self->make_response_promise<identified>();
        self->state.prove(std::move(x.proof), answer);
        return answer;
      },
  };
}

} // namespace ros::actors
