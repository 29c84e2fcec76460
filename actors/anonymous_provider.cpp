#include "anonymous_provider.hpp"

#include <caf/typed_response_promise.hpp>

namespace ros::actors {

auth_provider_actor::behavior_type
anonymous_provider(auth_provider_actor::stateful_pointer<anonymous_provider_state> self,
                   admin_realm_actor admin_realm) {
  return {
      [self, admin_realm](const credentials&) {
        auto answer = self->make_response_promise<recognised>();
        self->request(admin_realm, caf::infinite, register_user{{"anonymous", {}}})
            .then(
                [answer](const user_record& user) mutable {
                  answer.deliver(recognised{user.id, user.is_admin});
                },
                [answer](caf::error& reason) mutable { answer.deliver(std::move(reason)); });
        return answer;
      },
      [](const identify&) -> caf::result<identified> {
        return caf::make_error(auth_ec::bad_parameter, std::string{"provider"});
      },
  };
}

} // namespace ros::actors
