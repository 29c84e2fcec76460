#include "session.hpp"

#include "auth_errors.hpp"
#include "errors.hpp"

#include "runtime/log.hpp"

#include <chrono>
#include <utility>

namespace ros::actors {

// What a session may do changes while it lives (access-control.md 9). The ADMIN REALM is
// asked once and answers when there is news, so ten thousand sessions cost nothing while
// nothing changes. A session handles its messages in order: an UPLOAD in front of the news
// is with the realm already and stays, one behind it is refused.

namespace {

/// An ADMIN REALM that cannot answer now.
constexpr auto watch_retry = std::chrono::seconds(1);

} // namespace

bool is_end_of_access(const caf::error& reason) {
  return reason == auth_ec::unknown_user || reason == auth_ec::user_disabled ||
         reason == auth_ec::revoked_token;
}

// -- rights -------------------------------------------------------------------------

void session_state::watch_rights() {
  watches_rights = true;
  self->request(context->admin, caf::infinite, watch_realm{user, path, allowed})
      .then([this](const rights& now) { on_rights(now); },
            [this](const caf::error& reason) {
              watches_rights = false;
              if (now == phase::ended)
                return;
              if (reason == auth_ec::realm_not_found)
                on_realm_deleted();
              else
                on_watch_failed(reason);
            });
}

void session_state::on_rights(rights x) {
  if (now == phase::ended)
    return;
  log::info("{}: user {} has now rights {} on {}", full_name(), user.user_id, to_string(x), path);
  const bool could_read = access.read;
  allowed = x;
  access = allowed & most;
  if (access.read)
    outlived = false;
  if (could_read && !access.read)
    on_read_loss();
  if (now != phase::ended)
    watch_rights();
}

/// A legacy client that is told 206 schedules its file for deletion, unsynchronised changes
/// and all; 202 makes it ask for a token, which it does not get.
void session_state::on_read_loss() {
  const auto how =
      connection.protocol.is_legacy() ? context->on_read_loss : read_loss_reaction::deny;
  switch (how) {
  case read_loss_reaction::expire:
    fail(202, "the permission to read was withdrawn");
    return;
  case read_loss_reaction::deny:
    fail(206, "permission denied");
    return;
  case read_loss_reaction::lazy:
    outlived = true;
    return;
  }
}

/// The realm refused something. After a loss of reading that waits for the token's end, 202
/// spares the client's file here, too.
void session_state::on_refused(session_failure& x) {
  constexpr int denied = 206;
  attached = false; // the realm has detached it
  if (x.code == denied && outlived)
    fail(202, "the permission was withdrawn");
  else
    fail(x.code, explained(x));
}

// -- users and tokens ---------------------------------------------------------------

void session_state::watch_token(const principal& who) {
  watch_token(watch_access{who.who.user_id, who.token_key, who.issued_s});
}

void session_state::watch_token(const watch_access& token) {
  const auto round = ++token_watches;
  unwatched_token.reset();
  self->request(context->admin, caf::infinite, token)
      .then([](bool) {},
            [this, token, round](const caf::error& reason) {
              if (now == phase::ended || round != token_watches)
                return;
              if (reason == auth_ec::revoked_token && !context->end_revoked_sessions)
                return;
              if (!is_end_of_access(reason))
                unwatched_token = token;
              on_watch_failed(reason);
            });
}

/// Neither the user nor the Realm nor the token ended: the ADMIN REALM could not say.
void session_state::on_watch_failed(const caf::error& reason) {
  if (is_end_of_access(reason))
    on_access_end(reason);
  else
    self->delayed_send(self, watch_retry, upkeep_atom_v);
}

void session_state::watch_again() {
  if (now == phase::ended)
    return;
  if (!watches_rights)
    watch_rights();
  if (unwatched_token)
    watch_token(*std::exchange(unwatched_token, std::nullopt));
}

/// Clients of com.mongodb.realm-sync lose their connection and meet 401 when they come back.
void session_state::on_access_end(const caf::error& reason) {
  fail(202, "access has ended: " + self->system().render(reason));
}

// -- the Realm ----------------------------------------------------------------------

/// Who has nothing yet of a Realm that was deleted has nothing to reset.
void session_state::on_realm_deleted() {
  if (bound.need_ident && !received_ident)
    fail(201, "the Realm was deleted");
  else
    fail(218, "the Realm was deleted");
}

} // namespace ros::actors
