#include "http_call.hpp"

#include "runtime/log.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace json = boost::json;

namespace ros::actors {

struct http_call::data {
  plain_request request;
  api_face face;
  http_headers headers;
  std::map<std::string, std::string> parameters{};
  json::object body{};
  principal caller{};
};

namespace {

constexpr const char* legacy_type = "application/json; charset=utf-8";
constexpr const char* problem_type = "application/problem+json; charset=utf-8";
constexpr const char* app_type = "application/json"; // exactly, http-api.md 9.1

std::string lower(std::string_view text) {
  std::string out{text};
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

/// http-api.md 2.2 rule 2: only old .NET clients ask for it.
bool accepts_problems(const runtime::http_request& request) {
  auto accept = request.header("Accept");
  return accept && lower(*accept).find("application/problem+json") != std::string::npos;
}

} // namespace

std::string route_path(std::string_view path) {
  // Absolute form ("http://host/path"); the PROXY has looked at the host.
  if (auto scheme = path.find("://"); !path.starts_with('/') && scheme != std::string_view::npos) {
    path.remove_prefix(scheme + 3);
    path.remove_prefix(std::min(path.find('/'), path.size()));
  }
  auto first = std::min(path.find_first_not_of('/'), path.size());
  path.remove_prefix(first);
  while (path.ends_with('/'))
    path.remove_suffix(1);
  std::string route(1, '/');
  route += path;
  return route;
}

bool is_json_type(std::string_view content_type) {
  auto type = lower(content_type.substr(0, content_type.find(';')));
  while (type.ends_with(' '))
    type.pop_back();
  return type == "application/json" || type.ends_with("+json");
}

http_call::http_call(plain_request request, api_face face, http_headers headers)
    : data_(std::make_shared<data>(data{std::move(request), face, std::move(headers)})) {}

const runtime::http_request& http_call::request() const {
  return data_->request.exchange.request();
}

const request_origin& http_call::origin() const {
  return data_->request.origin;
}

api_face http_call::face() const {
  return data_->face;
}

const std::string& http_call::parameter(const std::string& name) const {
  static const std::string none;
  auto found = data_->parameters.find(name);
  return found == data_->parameters.end() ? none : found->second;
}

void http_call::set_parameters(std::map<std::string, std::string> parameters) {
  data_->parameters = std::move(parameters);
}

const principal& http_call::caller() const {
  return data_->caller;
}

void http_call::set_caller(principal who) {
  data_->caller = std::move(who);
}

const json::object& http_call::body() const {
  return data_->body;
}

bool http_call::read_body() {
  const auto& request = this->request();
  if (request.body.empty())
    return true;
  const char* problem_text = "is not a JSON object";
  auto type = request.header("Content-Type");
  if (type && !is_json_type(*type)) {
    problem_text = "is not of type application/json";
  } else {
    boost::system::error_code failed;
    auto value = json::parse(request.body, failed);
    if (auto* object = failed ? nullptr : value.if_object()) {
      data_->body = std::move(*object);
      return true;
    }
  }
  if (face() == api_face::app_services)
    refuse(app_error{400, "BadRequest", std::string{"the request body "} + problem_text});
  else
    refuse(problem(601, "body", problem_text));
  return false;
}

std::optional<std::string> http_call::text(std::string_view name) const {
  auto* found = body().if_contains(name);
  if (!found || !found->is_string())
    return std::nullopt;
  return std::string{found->get_string()};
}

void http_call::answer(unsigned status, const json::object& document) {
  answer(status, document, {});
}

void http_call::answer(unsigned status, const json::object& document, http_headers more) {
  more.emplace_back("Content-Type", face() == api_face::legacy ? legacy_type : app_type);
  respond(status, std::move(more), json::serialize(document));
}

void http_call::answer_list(unsigned status, const json::array& documents) {
  respond(status, {{"Content-Type", face() == api_face::legacy ? legacy_type : app_type}},
          json::serialize(documents));
}

void http_call::answer_empty(unsigned status, http_headers more) {
  respond(status, std::move(more), {});
}

void http_call::answer_text(unsigned status, std::string_view content_type, std::string text,
                            http_headers more) {
  more.emplace_back("Content-Type", content_type);
  respond(status, std::move(more), std::move(text));
}

void http_call::refuse(const http_problem& problem, http_headers more) {
  more.emplace_back("Content-Type", accepts_problems(request()) ? problem_type : legacy_type);
  respond(problem.status, std::move(more), json::serialize(problem.document()));
}

void http_call::refuse(const app_error& error, http_headers more) {
  more.emplace_back("Content-Type", app_type);
  respond(error.status, std::move(more), json::serialize(error.document()));
}

void http_call::refuse_plainly(unsigned status, std::string_view name, const std::string& title,
                               http_headers more) {
  if (face() == api_face::app_services)
    refuse(app_error{status, name, title}, std::move(more));
  else
    refuse(plain_problem(status, title), std::move(more));
}

void http_call::respond(unsigned status, http_headers headers, std::string body) {
  // Tokens are in many answers, and none of them is worth keeping.
  headers.emplace_back("Cache-Control", "no-store");
  headers.insert(headers.end(), data_->headers.begin(), data_->headers.end());
  log::debug("http_service answers {} {} with {}", request().method, request().path(), status);
  data_->request.exchange.respond({status, std::move(headers), std::move(body)});
}

} // namespace ros::actors
