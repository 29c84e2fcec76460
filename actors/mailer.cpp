#include "mailer.hpp"

#include "runtime/encoding.hpp"

namespace ros::actors {

void mailer_state::start(mailer_context context) {
  context_ = std::move(context);
  // One connection at a time is what small mail servers like, and enough for mails that
  // people ask for; whoever waits is counted in pending_.
  pool.start(1, context_.max_waiting, context_.spawn_worker);
}

caf::result<bool> mailer_state::take(const send_mail& x) {
  if (!is_mail_address(x.to))
    return caf::make_error(auth_ec::bad_parameter, std::string{"email"});
  if (pending_.size() >= context_.max_waiting)
    return caf::make_error(ec::overloaded, std::string{"too many mails wait"});
  const bool is_reset = x.purpose == mail_purpose::reset_password;
  mail_values values{{}, x.token, mail_token_id(x.token), x.to};
  values.url = context_.base_url + (is_reset ? "/reset-password?token=" : "/confirm-email?token=") +
               runtime::percent_encode(x.token) + "&tokenId=" + values.token_id;
  mail_head head{context_.from, x.to, {}, context_.clock->unix_ms()};
  head.message_id = context_.random->hex(32) + context_.from.substr(context_.from.rfind('@'));
  const auto id = ++last_id_;
  auto text = make_mail(head, is_reset ? context_.reset : context_.confirm, values);
  pending_.emplace(id, pending{{x.to, std::move(text)}, x.user_id});
  send(id);
  return true;
}

void mailer_state::send(std::uint64_t id) {
  auto found = pending_.find(id);
  if (found == pending_.end())
    return;
  ++found->second.attempts;
  // There are never more of them than the pool lets wait.
  if (!pool.submit(found->second.job,
                   [this, id](const caf::expected<mail_outcome>& outcome) { finish(id, outcome); }))
    pending_.erase(found);
}

void mailer_state::finish(std::uint64_t id, const caf::expected<mail_outcome>& outcome) {
  auto found = pending_.find(id);
  if (found == pending_.end())
    return;
  const auto& mail = found->second;
  if (outcome && outcome->sent) {
    log::info("mailer sent a mail to user {}", mail.user_id);
    pending_.erase(found);
    return;
  }
  const auto why = outcome ? outcome->failure : std::string{"a mail worker was lost"};
  if ((outcome && outcome->is_permanent) || mail.attempts >= context_.max_attempts) {
    log::error("mailer gives up a mail to user {}: {}", mail.user_id, why);
    pending_.erase(found);
    return;
  }
  const auto wait = context_.first_wait * (1u << (mail.attempts - 1));
  log::warn("mailer tries again in {} s: {}", wait.count(), why);
  self_->delayed_send(self_, wait, restore_atom_v, id);
}

mailer_with_retries::behavior_type mailer(mailer_with_retries::stateful_pointer<mailer_state> self,
                                          mailer_context context) {
  auto& state = self->state;
  state.start(std::move(context));
  self->set_down_handler([&state](const caf::down_msg& x) { state.pool.replace(x.source); });
  self->set_exit_handler([self, &state](const caf::exit_msg& exit) {
    state.pool.stop();
    self->quit(exit.reason);
  });
  return {
      [self](const send_mail& x) { return self->state.take(x); },
      [self](restore_atom, std::uint64_t id) { self->state.send(id); },
  };
}

} // namespace ros::actors
