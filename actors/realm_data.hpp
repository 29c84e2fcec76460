// How the server itself gets at the data of a Realm, through its REALM actor: reading
// objects, writing a transaction, following changes. Serialisable. For those who keep
// system Realms (access-control.md 4 to 7), and for tools.
#pragma once

#include "messages.hpp"
#include "sync_values.hpp"

#include <caf/meta/type_name.hpp>
#include <caf/optional.hpp>
#include <caf/type_id.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace ros::actors {

// -- writing ---------------------------------------------------------------------

/// One transaction of the server itself, all of it or nothing. It becomes a version of
/// origin 1 and goes to every session; what holds already is left out, and if nothing
/// else is left there is no new version.
struct transact {
  std::vector<sync::write_operation> operations; ///< at most sync::max_operations
  /// Write only if this is still the Realm's version: the one the decision rests on.
  caf::optional<sync::version_type> if_head{};
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, transact& x) {
  return f(caf::meta::type_name("transact"), x.operations, x.if_head);
}

struct transacted {
  sync::version_type head = 0;        ///< the Realm's version with the transaction in it, durable
  bool written = false;               ///< there was something to write
  bool moved_on = false;              ///< nothing was written because `if_head` is not the head
  std::vector<sync::global_key> made; ///< see sync::put_object: keys of the new objects
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, transacted& x) {
  return f(caf::meta::type_name("transacted"), x.head, x.written, x.moved_on, x.made);
}

// -- reading ---------------------------------------------------------------------

/// Read objects of a class: those of `keys`, or, without any, page by page in order of
/// keys: begin without `after`, go on with the last key of the answer while there is more.
struct read_objects {
  std::string class_name;
  std::vector<sync::primary_key> keys{}; ///< at most 1000 are looked at
  caf::optional<sync::primary_key> after{};
  std::uint64_t limit = 1000;            ///< objects of a page, at most 1000
  std::vector<std::string> properties{}; ///< empty: all; those the class lacks are left out
  std::uint64_t max_elements = 10'000;   ///< of each collection; the others are a gap
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, read_objects& x) {
  return f(caf::meta::type_name("read_objects"), x.class_name, x.keys, x.after, x.limit,
           x.properties, x.max_elements);
}

struct found_object {
  sync::primary_key key;
  sync::read_object object;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, found_object& x) {
  return f(caf::meta::type_name("found_object"), x.key, x.object);
}

/// An answer ends early, with `more` set, when it has become about a mebibyte.
struct objects_read {
  sync::version_type head = 0;       ///< the Realm's version that this is
  std::vector<found_object> objects; ///< without those that do not exist
  std::uint64_t looked_at = 0;       ///< how many of `keys` this answers
  bool more = false;                 ///< objects behind the last one, or `keys` not looked at
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, objects_read& x) {
  return f(caf::meta::type_name("objects_read"), x.head, x.objects, x.looked_at, x.more);
}

/// Which classes are there?
struct read_schema {};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, read_schema&) {
  return f(caf::meta::type_name("read_schema"));
}

struct realm_schema {
  sync::version_type head = 0;
  std::vector<sync::class_info> classes; ///< sorted by name
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, realm_schema& x) {
  return f(caf::meta::type_name("realm_schema"), x.head, x.classes);
}

// -- following -------------------------------------------------------------------

/// What changed behind this version? Answered at once if something did, else when it
/// does. An actor has one such question open at most; a new one replaces it, and the old
/// one is answered as if the Realm were closing.
struct follow_realm {
  sync::version_type from = 0;
  /// Keeps the Realm in memory. Else the question is answered, with `closing` set, when the
  /// Realm leaves it; who opens it then may ask again.
  bool keep_open = true;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, follow_realm& x) {
  return f(caf::meta::type_name("follow_realm"), x.from, x.keep_open);
}

/// One version.
struct realm_change {
  sync::version_type version = 0;
  sync::file_ident origin = 0;               ///< client file; 1 = the server itself
  std::string user;                          ///< whose client file; empty = the server itself
  std::vector<sync::touched_object> objects; ///< none: it changed the schema, or nothing
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, realm_change& x) {
  return f(caf::meta::type_name("realm_change"), x.version, x.origin, x.user, x.objects);
}

/// All versions behind `from` up to `version`, or the first of them if they are many.
struct realm_changes {
  sync::version_type version = 0; ///< ask on from here
  /// What changed cannot be told (too much in one version, a class erased, history
  /// compacted): read everything again.
  bool everything = false;
  bool closing = false; ///< the Realm leaves memory
  std::vector<realm_change> changes;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, realm_changes& x) {
  return f(caf::meta::type_name("realm_changes"), x.version, x.everything, x.closing, x.changes);
}

} // namespace ros::actors

CAF_BEGIN_TYPE_ID_BLOCK(ros_realm_data, caf::first_custom_type_id + 500)
CAF_ADD_TYPE_ID(ros_realm_data, (ros::actors::transact))
CAF_ADD_TYPE_ID(ros_realm_data, (ros::actors::transacted))
CAF_ADD_TYPE_ID(ros_realm_data, (ros::actors::read_objects))
CAF_ADD_TYPE_ID(ros_realm_data, (ros::actors::objects_read))
CAF_ADD_TYPE_ID(ros_realm_data, (ros::actors::read_schema))
CAF_ADD_TYPE_ID(ros_realm_data, (ros::actors::realm_schema))
CAF_ADD_TYPE_ID(ros_realm_data, (ros::actors::follow_realm))
CAF_ADD_TYPE_ID(ros_realm_data, (ros::actors::realm_changes))
CAF_END_TYPE_ID_BLOCK(ros_realm_data)
