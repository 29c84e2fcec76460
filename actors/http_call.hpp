// One HTTP request in work: what handlers read of it and how they answer, in the
// form of the API it belongs to. Copies share it; it is answered once.
#pragma once

#include "auth_messages.hpp"
#include "http_errors.hpp"
#include "local_messages.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ros::actors {

using http_headers = std::vector<std::pair<std::string, std::string>>;

/// The path of a request target as routes are looked up by it: one slash in front,
/// none behind, not decoded (http-api.md 4.1 accepts "//auth" and "/auth/").
std::string route_path(std::string_view path);

/// Whether a Content-Type is JSON (1.4).
bool is_json_type(std::string_view content_type);

class http_call {
public:
  /// `headers` are sent with any answer.
  http_call(plain_request request, api_face face, http_headers headers);

  [[nodiscard]] const runtime::http_request& request() const;
  [[nodiscard]] const request_origin& origin() const;
  [[nodiscard]] api_face face() const;
  /// A part of the path that the route's pattern names, decoded; "" if it names none such.
  [[nodiscard]] const std::string& parameter(const std::string& name) const;
  void set_parameters(std::map<std::string, std::string> parameters);

  /// Whose token came with the request; nobody's: the user id is empty.
  [[nodiscard]] const principal& caller() const;
  void set_caller(principal who);

  /// The request's JSON object, see read_body().
  [[nodiscard]] const boost::json::object& body() const;
  /// Parses it; an empty body is an empty object. False: it has been refused (1.4).
  bool read_body();
  /// A string member of the body; nothing if it is absent or of another type.
  [[nodiscard]] std::optional<std::string> text(std::string_view name) const;

  void answer(unsigned status, const boost::json::object& document);
  void answer(unsigned status, const boost::json::object& document, http_headers more);
  void answer_list(unsigned status, const boost::json::array& documents);
  void answer_empty(unsigned status, http_headers more = {});
  void answer_text(unsigned status, std::string_view content_type, std::string text,
                   http_headers more = {});
  void refuse(const http_problem& problem, http_headers more = {});
  void refuse(const app_error& error, http_headers more = {});
  /// In the form of the request's own API; `title` is a sentence.
  void refuse_plainly(unsigned status, std::string_view name, const std::string& title,
                      http_headers more = {});

private:
  struct data;
  void respond(unsigned status, http_headers headers, std::string body);
  std::shared_ptr<data> data_;
};

} // namespace ros::actors
