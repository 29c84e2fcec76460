// Requests that users write into their Realm `/~/__management`, and how they are answered
// (access-control.md 6). Pure; owned by the MANAGEMENT KEEPER.
#pragma once

#include "admin_messages.hpp"

#include "sync/write_operation.hpp"

#include <caf/error.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace ros::actors {

namespace management_class {
inline constexpr const char* change = "PermissionChange";
inline constexpr const char* offer = "PermissionOffer";
inline constexpr const char* response = "PermissionOfferResponse";
} // namespace management_class

/// Declares the three classes (6.1).
std::vector<sync::write_operation> management_schema();

/// What becomes of a request.
struct management_outcome {
  std::int64_t code = 0;                ///< http-api.md 7.3; 0 = success
  std::string message;                  ///< a sentence
  std::vector<sync::read_field> more{}; ///< of the answer: realmUrl, token
};

/// What a request asks the ADMIN REALM for, or why it cannot be asked.
using management_command =
    std::variant<management_outcome, change_permission, make_offer, accept_offer>;

/// An object of one of the three classes that waits for an answer.
struct management_request {
  std::string class_name;
  std::string id;
  std::int64_t created_ms = 0;
  management_command command;
  std::string path{}; ///< of an offer: resolved
};

/// Reads an object; nothing if it has been answered. `requester` is the home's user.
std::optional<management_request> read_request(const std::string& class_name, const std::string& id,
                                               const sync::read_object& object,
                                               const caller& requester);

/// What a refusal of the ADMIN REALM means to the client.
management_outcome refused_outcome(const caf::error& reason);
management_outcome accepted_outcome(const permission_changed& x);
management_outcome accepted_outcome(const offer_record& x);
management_outcome accepted_outcome(const offer_accepted& x);

/// Writes the outcome into the object.
sync::put_object write_outcome(const management_request& request, const management_outcome& x,
                               std::int64_t now_ms);

} // namespace ros::actors
