// The HTTP SERVICE: answers every plain request of every listener from the route
// table of http_routes.cpp. Owned by the node.
#pragma once

#include "auth_actors.hpp"
#include "http_actors.hpp"
#include "http_call.hpp"
#include "web_actors.hpp"

#include "config/providers.hpp"
#include "runtime/clock.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ros::actors {

/// What of the configuration shows in answers (operations.md 2).
struct http_options {
  std::string version; ///< of the server
  bool app_services = true;
  std::string public_url;           ///< app_services.public_url; empty = from the request
  std::vector<std::string> app_ids; ///< empty = any
  bool confirm_by_mail = false;     ///< app_services.confirm is "email"
  config::webhook_map functions{};  ///< app_services.functions
  std::string reset_function{};     ///< app_services.reset_function
  std::vector<std::string> redirect_origins{}; ///< mail.redirect_origins
  std::vector<std::string> cors_origins{"*"};
  std::vector<std::string> authorization_headers{"Authorization", "X-Realm-Access-Token"};
  std::vector<std::string> sync_hosts; ///< auth.sync_hosts; empty = no check
  std::vector<std::string> own_hosts;  ///< host:port of the listeners, for that check
  std::string sync_route_prefix = "/realm-sync";
  bool allow_self_delete = false;         ///< auth.allow_self_delete
  bool allow_owner_delete = false;        ///< storage.allow_owner_delete
  bool revoke_on_password_change = false; ///< auth.providers.password.revoke_on_change
};

/// What the actor lives on. Everything outlives it.
struct http_context {
  auth_actor auth;
  admin_realm_actor admin_realm;
  runtime::random_source* random = nullptr;
  http_options options;
  realm_registry_actor registry; ///< for the administration API
  hash_pool_actor hash_pool{};   ///< for passwords that administrators set
  account_mail_actor account_mail{};
  web_pool_actor functions{}; ///< none if there are none
};

struct http_route;

class http_service_state {
public:
  static inline const char* name = "http_service";
  using self_pointer = http_service_actor::stateful_pointer<http_service_state>;

  explicit http_service_state(self_pointer self) : self_(self) {}
  void start(http_context context) { context_ = std::move(context); }
  [[nodiscard]] const http_context& context() const { return context_; }
  void set_ready(bool ready) { ready_ = ready; }

  /// Answers a request, or starts what will.
  void handle(plain_request request);
  void refuse(upgrade_request request);

  /// Asks another actor on behalf of a request; `then(call, answer)` or
  /// `otherwise(call, error)` goes on with it.
  template <class Answer, class Handle, class Question, class Then, class Otherwise>
  void ask(const Handle& whom, Question question, http_call call, Then then, Otherwise otherwise) {
    ask_for<Answer>(whom, std::move(call), std::move(then), std::move(otherwise),
                    std::move(question));
  }
  /// The same with a question of several parts.
  template <class Answer, class Handle, class Then, class Otherwise, class... Question>
  void ask_for(const Handle& whom, http_call call, Then then, Otherwise otherwise,
               Question... question) {
    self_->request(whom, caf::infinite, std::move(question)...)
        .then([this, call,
               then](const Answer& answer) mutable { guard(call, [&] { then(call, answer); }); },
              [this, call, otherwise](const caf::error& e) mutable {
                guard(call, [&] { otherwise(call, e); });
              });
  }

  /// The token in the request's header, whichever of the configured ones it is (2.1).
  [[nodiscard]] std::optional<std::string> presented_token(const http_call& call) const;
  /// The refresh token in the dashboard's cookie (10).
  [[nodiscard]] static std::optional<std::string> session_cookie(const http_call& call);
  /// "http://host:port" under which the client reaches this server, without a slash at
  /// the end; nothing if the request does not say (9.2).
  [[nodiscard]] std::optional<std::string> public_url(const http_call& call) const;

private:
  /// One request that goes wrong in an unforeseen way must not end the service.
  template <class F>
  void guard(http_call& call, F work) {
    try {
      work();
    } catch (const std::exception& e) {
      refuse_failed(call, e.what());
    }
  }
  void refuse_failed(http_call& call, std::string_view why) const;
  void dispatch(http_call call, std::string_view path);
  void admit(http_call call, const http_route& route);
  void enter(http_call call, const http_route& route);
  void preflight(http_call call, std::string_view path) const;
  void refuse_unready(http_call call, std::string_view path) const;
  [[nodiscard]] bool accepts_app(const http_call& call) const;
  [[nodiscard]] http_headers cors_headers(const runtime::http_request& request,
                                          std::string_view path) const;

  self_pointer self_;
  http_context context_;
  bool ready_ = false;
};

http_service_actor::behavior_type
http_service(http_service_actor::stateful_pointer<http_service_state> self, http_context context);

} // namespace ros::actors
