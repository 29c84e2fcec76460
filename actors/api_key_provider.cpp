#include "api_key_provider.hpp"

#include "auth_errors.hpp"

#include "runtime/encoding.hpp"

#include <caf/typed_response_promise.hpp>

namespace ros::actors {

auth_provider_actor::behavior_type
api_key_provider(auth_provider_actor::stateful_pointer<api_key_provider_state> self,
                 admin_realm_actor admin_realm) {
  return {
      [self, admin_realm](const credentials& x) {
        auto answer = self->make_response_promise<recognised>();
        auto fail = [answer](caf::error& reason) mutable {
          answer.deliver(reason == auth_ec::unknown_key
                             ? caf::make_error(auth_ec::invalid_credentials)
                             : std::move(reason));
        };
        if (x.data.empty()) {
          answer.deliver(caf::make_error(auth_ec::bad_parameter, std::string{"key"}));
          return answer;
        }
        // Keys have 64 random characters: one hash keeps them, and no search finds one.
        find_api_key question{runtime::hex_encode(runtime::sha256(x.data))};
        self->request(admin_realm, caf::infinite, std::move(question))
            .then(
                [self, admin_realm, answer, fail](const api_key_record& key) mutable {
                  if (key.disabled) {
                    answer.deliver(caf::make_error(auth_ec::invalid_credentials));
                    return;
                  }
                  self->request(admin_realm, caf::infinite, check_token{key.user_id, {}})
                      .then(
                          [answer](const caller& who) mutable {
                            answer.deliver(recognised{who.user_id, who.is_admin});
                          },
                          fail);
                },
                fail);
        return answer;
      },
      [](const identify&) -> caf::result<identified> {
        return caf::make_error(auth_ec::bad_parameter, std::string{"provider"});
      },
  };
}

} // namespace ros::actors
