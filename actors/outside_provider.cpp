#include "outside_provider.hpp"

#include "auth_names.hpp"

namespace ros::actors {

/// Goes on with the verdict; `answer` has failed otherwise.
template <class T, class Then>
void outside_provider_state::examine(const credentials& presented,
                                     caf::typed_response_promise<T> answer, Then then) {
  judge_->examine(presented, [answer, then](caf::expected<verdict> found) mutable {
    // Account names are compared in one form.
    auto name = found ? normalise_account_name(found->account_id) : std::nullopt;
    if (!found) {
      answer.deliver(std::move(found.error()));
    } else if (!name) {
      answer.deliver(refused());
    } else {
      found->account_id = std::move(*name);
      then(std::move(*found));
    }
  });
}

void outside_provider_state::start(outside_provider_context context) {
  context_ = std::move(context);
  judge_means means;
  means.now_s = [clock = context_.clock] { return clock->unix_ms() / 1000; };
  means.ask_web = [this](web_call call, judge_means::answer_handler then) {
    self_->request(context_.web, caf::infinite, std::move(call))
        .then([then](web_answer& answer) { then(std::move(answer)); },
              [then](caf::error& e) { then(std::move(e)); });
  };
  judge_ = context_.make_judge(std::move(means));
}

caf::result<recognised> outside_provider_state::recognise(const credentials& presented) {
  auto answer = self_->make_response_promise<recognised>();
  examine(presented, answer, [this, answer, address = presented.address](verdict found) mutable {
    admit_account wish{.account = {context_.provider, found.account_id},
                       .wanted_id = found.is_user_id ? found.account_id : std::string{},
                       .join = found.is_user_id,
                       .is_admin = found.is_admin,
                       .metadata = std::move(found.metadata)};
    wish.by.address = address;
    self_->request(context_.admin_realm, caf::infinite, std::move(wish))
        .then(
            [answer](const user_record& user) mutable {
              answer.deliver(recognised{user.id, user.is_admin});
            },
            [answer](caf::error& e) mutable { answer.deliver(std::move(e)); });
  });
  return answer;
}

caf::result<identified> outside_provider_state::identify_only(const credentials& presented) {
  auto answer = self_->make_response_promise<identified>();
  examine(presented, answer, [this, answer](verdict found) mutable {
    answer.deliver(identified{
        {context_.provider, std::move(found.account_id)}, {}, std::move(found.metadata)});
  });
  return answer;
}

auth_provider_actor::behavior_type
outside_provider(auth_provider_actor::stateful_pointer<outside_provider_state> self,
                 outside_provider_context context) {
  self->state.start(std::move(context));
  return {
      [self](const credentials& x) { return self->state.recognise(x); },
      [self](const identify& x) { return self->state.identify_only(x.proof); },
  };
}

} // namespace ros::actors
