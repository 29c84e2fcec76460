#include "name_provider.hpp"

#include "auth_errors.hpp"
#include "auth_names.hpp"

#include <boost/json/parse.hpp>

#include <caf/typed_response_promise.hpp>

#include <utility>

namespace json = boost::json;

namespace ros::actors {

namespace {

/// Who is an administrator by the provider's rule.
bool is_admin(const std::string& account, const std::string& extras) {
  boost::system::error_code failed;
  const auto info = json::parse(extras, failed);
  const auto* members = failed ? nullptr : info.if_object();
  const auto* flag = members ? members->if_contains("is_admin") : nullptr;
  return account == "admin" || (flag && flag->is_bool() && flag->get_bool());
}

} // namespace

auth_provider_actor::behavior_type
name_provider(auth_provider_actor::stateful_pointer<name_provider_state> self, std::string provider,
              admin_realm_actor admin_realm) {
  return {
      [self, provider, admin_realm](const credentials& x) {
        auto answer = self->make_response_promise<recognised>();
        auto name = normalise_account_name(x.data);
        if (!name) {
          answer.deliver(caf::make_error(auth_ec::bad_parameter, std::string{"data"}));
          return answer;
        }
        admit_account wish{.account = {provider, *name},
                           .wanted_id = *name,
                           .is_admin = is_admin(*name, x.extras)};
        wish.by.address = x.address;
        self->request(admin_realm, caf::infinite, std::move(wish))
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
