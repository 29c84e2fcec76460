#include "session.hpp"

#include "auth_errors.hpp"
#include "errors.hpp"
#include "session_path.hpp"

#include "runtime/log.hpp"

#include <algorithm>
#include <utility>

namespace ros::actors {

namespace {

api_face face_of(sync::protocol spoken) {
  return spoken.is_legacy() ? api_face::legacy : api_face::app_services;
}

} // namespace

// From BIND to IDENT: who is it, which Realm, may they, which client file
// (sync-protocol.md 3.2 to 3.4, http-api.md 8.4).

void session_state::start() {
  if (bound.is_subserver)
    fail(206, "subservers are not permitted");
  else if (!bound.token.empty())
    authenticate();
  else if (connection.user)
    authorise(*connection.user, [this](const realm_grant& x) { register_path(x); });
  else
    fail(203, "neither the upgrade nor BIND brought a token");
}

void session_state::authenticate() {
  self->request(context->auth, caf::infinite,
                authenticate_upgrade{std::move(bound.token), face_of(connection.protocol),
                                     connection.tolerate_expiry})
      .then(
          [this](const principal& who) {
            if (connection.user && connection.user->who.user_id != who.who.user_id)
              fail(203, "BIND's token belongs to another user than the connection's");
            else
              authorise(who, [this, who](const realm_grant& x) {
                watch_token(who);
                register_path(x);
              });
          },
          [this](const caf::error& reason) {
            if (reason == ec::unavailable || reason == ec::overloaded)
              fail(reason);
            else
              on_bad_token(reason);
          });
  bound.token.clear();
}

/// What a new token cures is 202, so that legacy clients get themselves one.
void session_state::on_bad_token(const caf::error& reason) {
  const bool renewable = reason == auth_ec::expired_token || reason == auth_ec::revoked_token ||
                         reason == auth_ec::unknown_user || reason == auth_ec::user_disabled;
  fail(renewable ? 202 : 203, "bad token: " + self->system().render(reason));
}

void session_state::authorise(const principal& who, std::function<void(const realm_grant&)> then) {
  const bool legacy = connection.protocol.is_legacy();
  user = who.who;
  expires_s = legacy ? who.expires_s : 0;
  auto canonical = legacy && !bound.path.starts_with('/')
                       ? std::nullopt
                       : canonical_session_path(bound.path, user.user_id);
  if (!canonical || !is_syncable(*canonical, user.is_admin)) {
    fail(204, "illegal Realm path");
    return;
  }
  path = std::move(*canonical);
  if (!who.path.empty() && who.path != path && !user.is_admin) {
    fail(206, "the token is for another Realm");
    return;
  }
  // The rights of a legacy token bound what its user may do at all.
  most = legacy ? who.granted : all_rights;
  if (!most.read) {
    fail(206, "the token grants no download");
    return;
  }
  const bool is_partition = path.starts_with("/__partition/");
  self->request(context->admin, caf::infinite,
                ensure_realm{user, path, is_partition ? bound.path : std::string{}})
      .then(
          [this, then = std::move(then)](const realm_grant& grant) {
            allowed = grant.allowed;
            access = allowed & most;
            outlived = false;
            if (access.read)
              then(grant);
            else
              fail(206, "permission denied");
          },
          [this](const caf::error& reason) {
            if (reason == ec::denied)
              fail(206, "permission denied");
            else
              fail(reason);
          });
}

void session_state::register_path(const realm_grant& grant) {
  const auto& realm = grant.realm;
  opening = {realm.path, realm.id, realm.owner};
  log::info("{} binds {} for user {}", full_name(), realm.path, user.user_id);
  watch_rights();
  open([this] {
    if (owes_ident) {
      allocate();
    } else {
      enter(phase::wait_ident);
      handle_waiting();
    }
  });
}

void session_state::open(std::function<void()> then) {
  self->request(context->registry, caf::infinite, opening)
      .then(
          [this, then = std::move(then)](const realm_actor& found) {
            realm = found;
            self->monitor(realm);
            then();
          },
          [this](const caf::error& reason) { fail(reason); });
}

void session_state::allocate() {
  enter(phase::allocating);
  self->request(realm, caf::infinite, allocate_client_file{user.user_id})
      .then(
          [this](const sync::salted_file_ident& file) {
            owes_ident = false;
            connection.outlet->send(sync::make_ident(bound.session, file, connection.protocol));
            enter(phase::wait_ident);
            handle_waiting();
          },
          [this](const caf::error& reason) { fail(reason); });
}

void session_state::on_ident(const sync::ident_message& message) {
  ident = message;
  enter(phase::attaching);
  if (realm)
    attach();
  else
    open([this] { attach(); });
}

void session_state::attach() {
  self->request(realm, caf::infinite,
                attach_session{connection.id, ident.file, ident.download, ident.latest,
                               user.user_id,
                               static_cast<std::uint32_t>(connection.protocol.level()),
                               connection.protocol.is_early()})
      .then([this](const session_attached& x) { on_attached(x); },
            [this](const caf::error& reason) { fail(reason); });
}

void session_state::on_attached(const session_attached& x) {
  attached = true;
  if (std::cmp_less(connection.protocol.level(), x.feature_level)) {
    fail(sync::describe_feature_refusal(x.feature_level, connection.protocol));
    return;
  }
  cursors = {.threshold = x.threshold,
             .previous = {},
             .downloaded = ident.download.server_version,
             .locked = x.locked_version};
  sent = ident.download;
  head = x.head;
  reported = x.reported;
  foreign_bytes = x.foreign_bytes;
  enter(phase::synchronising);
  begin_downloads();
  tell("debug", "Session " + std::to_string(bound.session) + " bound to client file ident " +
                    std::to_string(ident.file.ident));
  handle_waiting();
}

void session_state::on_realm_down() {
  realm = nullptr;
  if (now == phase::wait_ident)
    return; // an idle Realm left memory: IDENT opens it again
  attached = false;
  fail(201, "the Realm was closed");
}

void session_state::on_client_version_request(const sync::client_version_request& message) {
  auto ask = [this, file = message.file] {
    self->request(realm, caf::infinite, find_client_version{file})
        .then(
            [this](sync::version_type version) {
              connection.outlet->send(sync::make_client_version(bound.session, version));
            },
            [this](const caf::error& reason) { fail(reason); });
  };
  if (realm)
    ask();
  else
    open(ask);
}

void session_state::refresh(const sync::refresh_message& message) {
  refreshing = true;
  self->request(context->auth, caf::infinite,
                authenticate_upgrade{message.token, face_of(connection.protocol),
                                     connection.tolerate_expiry})
      .then([this](const principal& who) { on_refreshed(who); },
            [this](const caf::error& reason) {
              if (reason == ec::unavailable || reason == ec::overloaded)
                end_refresh(); // the old token brought the session here, that is enough
              else
                on_bad_token(reason);
            });
}

void session_state::on_refreshed(const principal& who) {
  if (who.who.user_id != user.user_id)
    fail(203, "the refreshed token belongs to another user");
  else if (connection.protocol.is_legacy())
    authorise(who, [this, who](const realm_grant&) {
      watch_token(who);
      end_refresh();
    });
  else
    end_refresh();
}

void session_state::end_refresh() {
  refreshing = false;
  handle_waiting();
}

} // namespace ros::actors
