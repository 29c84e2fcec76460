// The interfaces of the sync side's actors: the server's table of contents.
// Log-in and administration are in auth_actors.hpp, the log seam in
// cluster/shard_log.hpp.
#pragma once

#include "local_messages.hpp"
#include "messages.hpp"

#include <caf/replies_to.hpp>
#include <caf/type_id.hpp>
#include <caf/typed_actor.hpp>

#include <vector>

CAF_BEGIN_TYPE_ID_BLOCK(ros_sync_atoms, caf::first_custom_type_id + 140)
CAF_ADD_ATOM(ros_sync_atoms, ros::actors, writable_atom, "writable")
CAF_ADD_ATOM(ros_sync_atoms, ros::actors, closed_atom, "closed")
CAF_ADD_ATOM(ros_sync_atoms, ros::actors, bound_atom, "bound")
CAF_ADD_ATOM(ros_sync_atoms, ros::actors, evict_atom, "evict")
CAF_ADD_ATOM(ros_sync_atoms, ros::actors, failed_atom, "failed")
CAF_ADD_ATOM(ros_sync_atoms, ros::actors, forget_atom, "forget")
CAF_ADD_ATOM(ros_sync_atoms, ros::actors, fatal_atom, "fatal")
CAF_ADD_ATOM(ros_sync_atoms, ros::actors, head_atom, "head")
CAF_ADD_ATOM(ros_sync_atoms, ros::actors, commit_atom, "commit")
CAF_ADD_ATOM(ros_sync_atoms, ros::actors, idle_atom, "idle")
CAF_ADD_ATOM(ros_sync_atoms, ros::actors, release_atom, "release")
CAF_ADD_ATOM(ros_sync_atoms, ros::actors, stop_atom, "stop")
CAF_ADD_ATOM(ros_sync_atoms, ros::actors, ready_atom, "ready")
CAF_ADD_ATOM(ros_sync_atoms, ros::actors, list_atom, "list")
CAF_ADD_ATOM(ros_sync_atoms, ros::actors, turn_atom, "turn")
CAF_ADD_ATOM(ros_sync_atoms, ros::actors, restore_atom, "restore")
CAF_ADD_ATOM(ros_sync_atoms, ros::actors, upkeep_atom, "upkeep")
CAF_END_TYPE_ID_BLOCK(ros_sync_atoms)

namespace ros::actors {

// Those of realm_data.hpp, which whoever sends or handles them includes.
struct transact;
struct transacted;
struct read_objects;
struct objects_read;
struct read_schema;
struct realm_schema;
struct follow_realm;
struct realm_changes;

/// The REALM actor: one open Realm file, the single writer of its history.
using realm_actor = caf::typed_actor<
    /// Allocates a client file and answers once it is durable.
    caf::replies_to<allocate_client_file>::with<sync::salted_file_ident>,
    /// Checks a client's IDENT and binds the sending session to the client
    /// file. Fails with ec::session_error (code, text) where sync-protocol.md
    /// 3.4 refuses; a session of another connection on the same file is evicted.
    caf::replies_to<attach_session>::with<session_attached>,
    /// Integrates an upload of the sending session. No answer: success arrives
    /// as `published`, refusal as `session_failure`.
    caf::reacts_to<integrate_upload>,
    /// Forgets the sending session; what it uploaded is still integrated.
    caf::reacts_to<detach_session>,
    /// Answers with a client version (sync-protocol.md 3.16), 0 for an unknown file.
    caf::replies_to<find_client_version>::with<std::uint64_t>,
    /// Answers with history behind a cursor, or ec::unavailable.
    caf::replies_to<read_download>::with<download_chunk>,
    /// Answers with the durable head; every earlier `published` is delivered
    /// to the asking session before the answer.
    caf::replies_to<head_atom>::with<sync::salted_version>,
    /// Writes a transaction of the server itself and answers once it is durable. Fails with
    /// ec::bad_operation (text), and nothing is written; ec::overloaded, ec::unavailable.
    caf::replies_to<transact>::with<transacted>,
    /// Answers with objects as of a durable version; none for a class that is not there.
    /// Fails with ec::overloaded, ec::unavailable.
    caf::replies_to<read_objects>::with<objects_read>,
    /// Answers with the classes. Fails likewise.
    caf::replies_to<read_schema>::with<realm_schema>,
    /// Answers with what changed behind a version, once something did. Fails with
    /// ec::overloaded, ec::unavailable.
    caf::replies_to<follow_realm>::with<realm_changes>,
    /// INTERNAL: forms the next log entry from what is waiting.
    caf::reacts_to<commit_atom>,
    /// INTERNAL: leaves memory if nobody used the Realm since the last tick.
    caf::reacts_to<idle_atom>,
    /// INTERNAL: it is time to look whether history should be compacted.
    caf::reacts_to<upkeep_atom>,
    /// From the REALM REGISTRY: write what is pending and end.
    caf::reacts_to<stop_atom>,
    /// From the REALM REGISTRY: the Realm was deleted. Ends the sessions (218), writes
    /// nothing more and ends.
    caf::reacts_to<forget_atom>>;

/// The SESSION actor: one BIND of one client, its state machine and cursors.
using session_actor = caf::typed_actor<
    /// A message of the client for this session, in order of arrival.
    caf::reacts_to<client_message>,
    /// New durable versions of the Realm.
    caf::reacts_to<published>,
    /// The realm refused an upload or ended the session.
    caf::reacts_to<session_failure>,
    /// Your turn: one DOWNLOAD that lags behind may be read and sent.
    caf::reacts_to<turn_atom>,
    /// True while the session still holds its client file.
    caf::replies_to<bound_atom>::with<bool>,
    /// Another connection took over the client file: this one is a zombie.
    caf::reacts_to<evict_atom>,
    /// From the CONNECTION: the client has had time enough for its IDENT.
    caf::reacts_to<idle_atom>,
    /// INTERNAL: asks the ADMIN REALM again that could not answer.
    caf::reacts_to<upkeep_atom>>;

/// The CONNECTION actor: one client WebSocket, its sessions by ident.
using connection_actor = caf::typed_actor<
    /// A whole WebSocket message.
    caf::reacts_to<inbound_frame>,
    /// The socket is gone.
    caf::reacts_to<closed_atom>,
    /// The send queue is short again.
    caf::reacts_to<writable_atom>,
    /// From a SESSION that lags behind: true asks for a turn to send one DOWNLOAD,
    /// false ends it. Few sessions have one at a time, so that neither memory
    /// nor the send queue grows with the number of sessions.
    caf::reacts_to<turn_atom, bool>,
    /// From a SESSION, before it sends its error: it now only waits for UNBIND.
    caf::reacts_to<failed_atom, std::uint64_t>,
    /// From a SESSION, before it sends UNBOUND: its ident may be used again.
    caf::reacts_to<forget_atom, std::uint64_t>,
    /// From a SESSION: end the whole connection with this error. It names a session (else
    /// 0) for clients whose session errors end the connection (sync-protocol.md 8.2).
    caf::reacts_to<fatal_atom, std::uint64_t, session_failure>,
    /// From a SESSION: drop the socket without a word (it is a zombie).
    caf::reacts_to<evict_atom>,
    /// From the SYNC SERVICE, at intervals: look whether a session hangs.
    caf::reacts_to<idle_atom>,
    /// The server shuts down: tell the client to come back (code 100).
    caf::reacts_to<stop_atom>>;

/// The REALM REGISTRY: path to realm actor, started on demand.
using realm_registry_actor = caf::typed_actor<
    /// Answers with the Realm's actor, starting it if need be. Fails with
    /// ec::unavailable while the node shuts down, ec::quarantined with a Realm that is,
    /// ec::session_error (218) with one that was deleted.
    caf::replies_to<open_realm>::with<realm_actor>,
    /// The Realm with this path and id was deleted: ends it. Answers when it has left
    /// memory; nobody can open it any more, but one of the same path with another id.
    caf::replies_to<forget_atom, std::string, std::uint64_t>::with<bool>,
    /// INTERNAL: nobody asks any more for what was deleted long ago.
    caf::reacts_to<idle_atom>,
    /// From a REALM that ends because what is stored of it is damaged; the reason. It
    /// stays closed until it is released or the process ends.
    caf::reacts_to<failed_atom, std::string>,
    /// Releases a quarantined Realm: the next who asks makes it be read again. False
    /// if it was not quarantined.
    caf::replies_to<restore_atom, std::string>::with<bool>,
    /// Answers with every Realm that is open or quarantined, by path.
    caf::replies_to<list_atom>::with<std::vector<realm_status>>,
    /// From a REALM that is idle: it may end unless someone asks for it.
    caf::reacts_to<release_atom, std::string>,
    /// Ends all realms; answers when the last one has written what is pending.
    caf::replies_to<stop_atom>::with<bool>>;

/// A DOWNLOAD PACKER: compresses on a thread of its own.
using download_packer_actor = caf::typed_actor<
    /// Answers with the body as it is sent.
    caf::replies_to<pack_download>::with<packed_download>>;

/// The SYNC SERVICE: decides on WebSocket upgrades and owns the connections.
using sync_service_actor = caf::typed_actor<
    /// An upgrade request to decide on (http-api.md 8).
    caf::reacts_to<upgrade_request>,
    /// Requests are answered 503 before this arrives.
    caf::reacts_to<ready_atom>,
    /// INTERNAL: an accepted upgrade has become this CONNECTION.
    caf::reacts_to<connection_actor>,
    /// INTERNAL: time for the connections to look after their sessions.
    caf::reacts_to<idle_atom>,
    /// Number of open connections.
    caf::replies_to<list_atom>::with<std::uint64_t>,
    /// Ends every connection with code 100; answers when all are gone.
    caf::replies_to<stop_atom>::with<bool>>;

/// The PROXY: first look at what arrives at one public listener.
using proxy_actor = caf::typed_actor<
    /// A plain request: goes to the HTTP SERVICE.
    caf::reacts_to<plain_request>,
    /// An upgrade: sync routes go to the SYNC SERVICE, others to the HTTP SERVICE.
    caf::reacts_to<upgrade_request>>;

/// The DIRECTORY: every actor of the node by name.
using directory_actor = caf::typed_actor<
    /// Enters the sending actor; it is struck out when it ends.
    caf::reacts_to<actor_record>,
    /// Everything entered, sorted by name.
    caf::replies_to<list_atom>::with<std::vector<actor_record>>>;

} // namespace ros::actors

CAF_BEGIN_TYPE_ID_BLOCK(ros_sync, caf::first_custom_type_id + 100)
CAF_ADD_TYPE_ID(ros_sync, (ros::sync::bytes))
CAF_ADD_TYPE_ID(ros_sync, (ros::sync::upload_cursor))
CAF_ADD_TYPE_ID(ros_sync, (ros::sync::download_cursor))
CAF_ADD_TYPE_ID(ros_sync, (ros::sync::salted_version))
CAF_ADD_TYPE_ID(ros_sync, (ros::sync::salted_file_ident))
CAF_ADD_TYPE_ID(ros_sync, (ros::sync::pending_changeset))
CAF_ADD_TYPE_ID(ros_sync, (ros::actors::open_realm))
CAF_ADD_TYPE_ID(ros_sync, (ros::actors::allocate_client_file))
CAF_ADD_TYPE_ID(ros_sync, (ros::actors::attach_session))
CAF_ADD_TYPE_ID(ros_sync, (ros::actors::session_attached))
CAF_ADD_TYPE_ID(ros_sync, (ros::actors::detach_session))
CAF_ADD_TYPE_ID(ros_sync, (ros::actors::integrate_upload))
CAF_ADD_TYPE_ID(ros_sync, (ros::actors::outgoing_entry))
CAF_ADD_TYPE_ID(ros_sync, (ros::actors::publication))
CAF_ADD_TYPE_ID(ros_sync, (ros::actors::published))
CAF_ADD_TYPE_ID(ros_sync, (ros::actors::read_download))
CAF_ADD_TYPE_ID(ros_sync, (ros::actors::download_entry))
CAF_ADD_TYPE_ID(ros_sync, (ros::actors::download_chunk))
CAF_ADD_TYPE_ID(ros_sync, (ros::actors::session_failure))
CAF_ADD_TYPE_ID(ros_sync, (ros::actors::actor_record))
CAF_ADD_TYPE_ID(ros_sync, (std::vector<ros::actors::actor_record>))
CAF_ADD_TYPE_ID(ros_sync, (ros::actors::realm_actor))
CAF_ADD_TYPE_ID(ros_sync, (ros::actors::connection_actor))
CAF_ADD_TYPE_ID(ros_sync, (ros::actors::find_client_version))
CAF_ADD_TYPE_ID(ros_sync, (ros::actors::realm_status))
CAF_ADD_TYPE_ID(ros_sync, (std::vector<ros::actors::realm_status>))
CAF_END_TYPE_ID_BLOCK(ros_sync)
