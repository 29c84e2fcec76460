// Functions and push services at the App-Services API (http-api.md 9.7): none is configured,
// which clients are told in the words they know.
#include "http_app_services.hpp"
#include "http_handlers.hpp"

#include "runtime/encoding.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>

namespace json = boost::json;

namespace ros::actors {

namespace {

void refuse_function(http_call& call, const std::string& name) {
  call.refuse(app_error{404, "FunctionNotFound", "function not found: '" + name + "'"});
}

/// The function that an event stream asks for in its query; "" if that is no request.
std::string streamed_function(const http_call& call) {
  auto encoded = call.request().query_parameter("baas_request").value_or("");
  // Clients take either of the two alphabets, and may leave out the padding.
  std::ranges::replace(encoded, '-', '+');
  std::ranges::replace(encoded, '_', '/');
  encoded.append((4 - encoded.size() % 4) % 4, '=');
  const auto text = runtime::base64_decode(encoded);
  boost::system::error_code failed;
  const auto request = json::parse(text.value_or(""), failed);
  const auto* members = failed ? nullptr : request.if_object();
  const auto* name = members ? members->if_contains("name") : nullptr;
  return name && name->is_string() ? std::string{name->get_string()} : std::string{};
}

} // namespace

void post_function_call(http_service_state& service, http_call call) {
  with_caller(service, token_kind::access, std::move(call), [](http_call& known, const principal&) {
    refuse_function(known, known.text("name").value_or(""));
  });
}

void get_function_stream(http_service_state& service, http_call call) {
  auto token = call.request().query_parameter("baas_at"); // an event source has no headers
  if (!token)
    return call.refuse(app_error{401, "InvalidSession", "must authenticate first"});
  with_token(
      service, *token, token_kind::access, std::move(call),
      [](http_call& known, const principal&) { refuse_function(known, streamed_function(known)); });
}

void refuse_push_service(http_service_state&, http_call call) {
  call.refuse(
      app_error{404, "ServiceNotFound", "service not found: '" + call.parameter("service") + "'"});
}

} // namespace ros::actors
