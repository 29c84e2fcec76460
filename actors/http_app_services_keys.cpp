// A user's API keys at the App-Services API (http-api.md 9.6).
#include "http_app_services.hpp"
#include "http_handlers.hpp"

#include "runtime/clock.hpp"
#include "runtime/encoding.hpp"

#include <boost/json/array.hpp>

#include <algorithm>

namespace json = boost::json;

namespace ros::actors {

namespace {

constexpr std::size_t key_digits = 64;
constexpr std::size_t max_name_length = 128;

/// 9.6: what may stand as the name of a key.
bool is_key_name(std::string_view text) {
  auto fits = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
           c == '-';
  };
  return !text.empty() && text.size() <= max_name_length &&
         std::all_of(text.begin(), text.end(), fits);
}

json::object document_of(const api_key_record& key) {
  return {{"_id", key.id}, {"name", key.name}, {"disabled", key.disabled}};
}

/// Asks the ADMIN REALM what `question(call, principal)` makes of the user of the call.
template <class Answer, class MakeQuestion, class Then>
void ask_for_user(http_service_state& service, http_call call, MakeQuestion question, Then then) {
  with_caller(service, token_kind::refresh, std::move(call),
              [&service, question, then](http_call& known, const principal& x) {
                service.ask<Answer>(service.context().admin_realm, question(known, x), known, then,
                                    [](http_call& refused, const caf::error& e) {
                                      refused.refuse(api_key_error(e));
                                    });
              });
}

void answer_done(http_call& call, bool) {
  call.answer_empty(204);
}

void switch_key(http_service_state& service, http_call call, bool enabled) {
  ask_for_user<bool>(
      service, std::move(call),
      [enabled](const http_call& known, const principal& x) {
        return enable_api_key{x.who.user_id, known.parameter("id"), enabled,
                              initiator_of(known, x)};
      },
      answer_done);
}

} // namespace

void post_api_key(http_service_state& service, http_call call) {
  auto name = call.text("name");
  with_caller(
      service, token_kind::refresh, std::move(call),
      [&service, name](http_call& known, const principal& x) {
        if (!name)
          return known.refuse(app_error{400, "MissingParameter", "name is required"});
        if (!is_key_name(*name))
          return known.refuse(
              app_error{400, "InvalidParameter",
                        "a name has 1 to 128 ASCII letters, digits, underscores and hyphens"});
        const auto key = service.context().random->hex(key_digits);
        service.ask<api_key_record>(
            service.context().admin_realm,
            create_api_key{x.who.user_id, *name, runtime::hex_encode(runtime::sha256(key)),
                           initiator_of(known, x)},
            known,
            [key](http_call& done, const api_key_record& made) {
              auto document = document_of(made);
              document["key"] = key; // the only time that anybody sees it
              done.answer(201, document);
            },
            [](http_call& refused, const caf::error& e) { refused.refuse(api_key_error(e)); });
      });
}

void get_api_keys(http_service_state& service, http_call call) {
  ask_for_user<api_key_list>(
      service, std::move(call),
      [](const http_call&, const principal& x) { return list_api_keys{x.who.user_id}; },
      [](http_call& done, const api_key_list& x) {
        json::array keys;
        for (const auto& key : x.keys)
          keys.push_back(document_of(key));
        done.answer_list(200, keys);
      });
}

void get_api_key(http_service_state& service, http_call call) {
  ask_for_user<api_key_record>(
      service, std::move(call),
      [](const http_call& known, const principal& x) {
        return read_api_key{x.who.user_id, known.parameter("id")};
      },
      [](http_call& done, const api_key_record& key) { done.answer(200, document_of(key)); });
}

void put_key_enabled(http_service_state& service, http_call call) {
  switch_key(service, std::move(call), true);
}

void put_key_disabled(http_service_state& service, http_call call) {
  switch_key(service, std::move(call), false);
}

void delete_key(http_service_state& service, http_call call) {
  ask_for_user<bool>(
      service, std::move(call),
      [](const http_call& known, const principal& x) {
        return delete_api_key{x.who.user_id, known.parameter("id"), initiator_of(known, x)};
      },
      answer_done);
}

} // namespace ros::actors
