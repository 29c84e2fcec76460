#include "sync_world.hpp"

#include "actors/directory.hpp"
#include "actors/errors.hpp"
#include "actors/shared_download.hpp"

#include "runtime/log.hpp"

#include <algorithm>

namespace ros::test {

namespace {

using namespace actors;

caf::error session_error(const session_failure& x) {
  return caf::make_error(ec::session_error, x.code, x.message);
}

struct mock_state {
  static inline const char* name = "mock";
};

template <class Self>
void publish(Self* self, model_realm& x, sync::version_type first) {
  auto news = std::make_shared<publication>();
  news->first = first;
  news->head = x.head();
  news->feature_level = x.feature_level;
  news->entries.assign(x.history.begin() + static_cast<std::ptrdiff_t>(first - 1), x.history.end());
  for (auto& [ident, f] : x.files)
    if (f.reported != f.progress) {
      f.reported = f.progress;
      news->progress.push_back({ident, f.reported});
    }
  const published message{news, std::make_shared<shared_download>()};
  for (const auto& [ident, b] : x.bound)
    self->send(b.session, message);
}

template <class Self>
void integrate_waiting(Self* self, model_realm& x) {
  const auto first = x.history.size() + 1;
  for (auto& upload : std::exchange(x.waiting, {})) {
    auto& f = x.files[upload.client];
    for (auto& c : upload.changesets) {
      x.uploaded.push_back(c);
      x.history.push_back({x.history.size() + 1, upload.client, c.client_version, c.timestamp,
                           c.data.size(), c.data});
    }
    if (upload.progress.client_version > f.progress.client_version)
      f.progress = upload.progress;
    f.locked = upload.locked_version;
  }
  if (x.history.size() >= first)
    publish(self, x, first);
}

download_chunk scan(model_realm& x, const read_download& request) {
  download_chunk chunk;
  chunk.to = request.from;
  chunk.head = x.head();
  chunk.reported = x.files[request.client].reported;
  std::uint64_t taken = 0;
  for (auto v = request.from.server_version + 1; v <= x.history.size(); ++v) {
    const auto& e = x.history[v - 1];
    if (e.origin == request.client) {
      chunk.to.last_integrated_client_version = e.client_version;
    } else if (!e.data.empty()) {
      chunk.entries.push_back({v, chunk.to.last_integrated_client_version, e.timestamp, e.origin,
                               e.original_size, e.data});
      taken += e.data.size();
    }
    chunk.to.server_version = v;
    if (taken > request.budget)
      break;
  }
  for (auto v = chunk.to.server_version + 1; v <= x.history.size(); ++v)
    chunk.downloadable_bytes += x.history[v - 1].data.size();
  return chunk;
}

using realm_pointer = realm_actor::stateful_pointer<mock_state>;

caf::result<session_attached> bind_file(realm_pointer self, model_realm& x,
                                        const attach_session& request) {
  x.attaches.push_back(request);
  if (x.refuses_attach)
    return session_error(*x.refuses_attach);
  const auto found = x.files.find(request.file.ident);
  if (found == x.files.end())
    return session_error({208, "unknown client file"});
  if (found->second.salt != request.file.salt)
    return session_error({211, "salt"});
  auto& holder = x.bound[request.file.ident];
  if (holder.session && holder.connection == request.connection_id)
    return session_error({108, "bound already"});
  if (holder.session)
    self->send(holder.session, evict_atom_v);
  holder = {caf::actor_cast<session_actor>(self->current_sender()), request.connection_id};
  const auto& f = found->second;
  return session_attached{f.progress, f.reported, f.locked, x.head(), x.feature_level};
}

realm_actor::behavior_type realm_mock(realm_pointer self, model_realm* x) {
  return {
      [x](const allocate_client_file&) {
        const sync::file_ident ident = x->files.size() + 2;
        x->files[ident].salt = static_cast<sync::salt_type>(1000 + ident);
        return sync::salted_file_ident{ident, x->files[ident].salt};
      },
      [self, x](const attach_session& request) { return bind_file(self, *x, request); },
      [self, x](integrate_upload& upload) {
        auto refusal = x->refuses_upload;
        if (!upload.may_write && !upload.changesets.empty())
          refusal = session_failure{206, "no permission to write"};
        if (refusal) {
          x->bound.erase(upload.client);
          self->send(caf::actor_cast<session_actor>(self->current_sender()), *refusal);
          return;
        }
        x->waiting.push_back(std::move(upload));
        if (!x->holds_uploads)
          integrate_waiting(self, *x);
      },
      [self, x](const detach_session& request) {
        const auto found = x->bound.find(request.client);
        if (found != x->bound.end() && found->second.session.address() == self->current_sender())
          x->bound.erase(found);
      },
      [x](const find_client_version& request) {
        const auto found = x->files.find(request.file.ident);
        return found == x->files.end() ? std::uint64_t{0} : found->second.progress.client_version;
      },
      [self, x](const read_download& request) -> caf::result<download_chunk> {
        ++x->reads;
        if (x->holds_reads) {
          auto promise = self->make_response_promise<download_chunk>();
          x->held_read = promise;
          return promise;
        }
        return scan(*x, request);
      },
      [x](head_atom) { return x->head(); },
      [](const transact&) { return transacted{}; },
      [](const read_objects&) { return objects_read{}; },
      [](const read_schema&) { return realm_schema{}; },
      [](const follow_realm&) { return realm_changes{}; },
      [self, x](commit_atom) {
        if (x->read_answer) {
          if (*x->read_answer)
            x->held_read.deliver(std::move(**x->read_answer));
          else
            x->held_read.deliver(std::move(x->read_answer->error()));
          x->read_answer.reset();
        }
        integrate_waiting(self, *x);
      },
      // Publishes what the test appended.
      [self, x](idle_atom) { publish(self, *x, x->history.size()); },
      [](upkeep_atom) {},
      [self](stop_atom) { self->quit(); },
      [self](forget_atom) { self->quit(); },
  };
}

realm_registry_actor::behavior_type
registry_mock(realm_registry_actor::stateful_pointer<mock_state>, sync_world* world) {
  return {
      [world](const open_realm& x) { return world->realm(x.path).actor; },
      [](forget_atom, const std::string&, std::uint64_t) { return true; },
      [](idle_atom) {},
      [](failed_atom, const std::string&) {},
      [](restore_atom, const std::string&) { return false; },
      [](list_atom) { return std::vector<realm_status>{}; },
      [](release_atom, const std::string&) {},
      [](stop_atom) { return true; },
  };
}

auth_actor::behavior_type auth_mock(auth_actor::stateful_pointer<mock_state>, sync_world* world) {
  auto nothing = caf::make_error(ec::unavailable, std::string{"not mocked"});
  return {
      [nothing](const authenticate&) -> caf::result<principal> { return nothing; },
      [world](const authenticate_upgrade& x) -> caf::result<principal> {
        world->asked_tokens.push_back(x.text);
        if (!x.text.starts_with("good-"))
          return caf::make_error(auth_ec::bad_signature, std::string{"forged"});
        principal p;
        p.who.user_id = x.text.substr(5);
        p.expires_s = world->token_expires_s;
        p.granted = world->token_grants;
        return p;
      },
      [nothing](const enrol_account&) -> caf::result<recognised> { return nothing; },
      [nothing](const log_in&) -> caf::result<logged_in> { return nothing; },
      [nothing](const link_identity&) -> caf::result<logged_in> { return nothing; },
      [nothing](const refresh_session&) -> caf::result<std::string> { return nothing; },
      [nothing](const log_out&) -> caf::result<bool> { return nothing; },
      [nothing](const legacy_log_in&) -> caf::result<legacy_token> { return nothing; },
      [nothing](const exchange_token&) -> caf::result<legacy_token> { return nothing; },
  };
}

/// What the sync side asks the ADMIN REALM; who deletes a user ends its watches.
using admin_mock_actor =
    access_actor::extend<caf::replies_to<delete_user>::with<bool>,
                         caf::replies_to<remove_realm_data>::with<bool>,
                         caf::reacts_to<upkeep_atom>, caf::reacts_to<stop_atom>>;

/// Answers the watches on rights that `answer` does not leave open.
template <class Answer>
void tell_rights(sync_world& world, Answer answer) {
  for (auto& watch : std::exchange(world.rights_watches, {}))
    if (!answer(watch))
      world.rights_watches.push_back(std::move(watch));
}

admin_mock_actor::behavior_type admin_mock(admin_mock_actor::stateful_pointer<mock_state> self,
                                           sync_world* world) {
  auto nothing = caf::make_error(ec::unavailable, std::string{"not mocked"});
  auto level = [world](const std::string& path) {
    const auto found = world->access.find(path);
    return found == world->access.end() ? read_write : found->second;
  };
  return {
      [level](const authorize_realm& x) { return level(x.path); },
      [world, level](const ensure_realm& x) -> caf::result<realm_grant> {
        world->asked_paths.push_back(x.path);
        if (world->admin_is_unavailable)
          return caf::make_error(ec::unavailable, std::string{"log trouble"});
        if (!level(x.path).any())
          return caf::make_error(ec::denied, std::string{"no"});
        realm_grant grant;
        grant.realm.path = x.path;
        grant.realm.id = 1;
        grant.allowed = level(x.path);
        return grant;
      },
      [nothing](const check_token&) -> caf::result<caller> { return nothing; },
      [self, world](const watch_access& x) -> caf::result<bool> {
        auto promise = self->make_response_promise<bool>();
        world->watches.emplace(x.user_id, promise);
        return promise;
      },
      [self, world, level](const watch_realm& x) -> caf::result<rights> {
        if (world->admin_is_unavailable)
          return caf::make_error(ec::unavailable, std::string{"log trouble"});
        if (level(x.path) != x.known)
          return level(x.path);
        auto promise = self->make_response_promise<rights>();
        world->rights_watches.push_back({x, promise});
        return promise;
      },
      [nothing](const read_quota&) -> caf::result<quota_limits> { return nothing; },
      [world](const delete_user& x) {
        const auto [begin, end] = world->watches.equal_range(x.user_id);
        for (auto i = begin; i != end; ++i)
          i->second.deliver(world->end_of_access);
        world->watches.erase(begin, end);
        return true;
      },
      [world](const remove_realm_data& x) {
        tell_rights(*world, [&](sync_world::rights_watch& watch) {
          if (watch.what.path != x.path)
            return false;
          watch.promise.deliver(caf::make_error(auth_ec::realm_not_found));
          return true;
        });
        return true;
      },
      [world, level](upkeep_atom) {
        tell_rights(*world, [&](sync_world::rights_watch& watch) {
          const auto now = level(watch.what.path);
          if (now == watch.what.known)
            return false;
          watch.promise.deliver(now);
          return true;
        });
      },
      [world](stop_atom) {
        tell_rights(*world, [](sync_world::rights_watch& watch) {
          watch.promise.deliver(caf::make_error(ec::unavailable, std::string{"log trouble"}));
          return true;
        });
      },
  };
}

} // namespace

// -- the world --------------------------------------------------------------------------

sync_world::sync_world() : context(std::make_shared<sync_service_context>()) {
  log::options quiet;
  quiet.threshold = log::level::off;
  log::configure(quiet);
  context->auth = system().spawn(auth_mock, this);
  context->admin = system().spawn(admin_mock, this);
  context->registry = system().spawn(registry_mock, this);
  context->directory = system().spawn(directory);
  context->random = &random_;
  context->clock = &clock;
  context->limits.low_water = 1000;
  context->limits.max_sessions = 5;
  context->backlog = std::make_shared<runtime::byte_budget>(1'000'000);
}

sync_world::~sync_world() {
  for (auto& [path, x] : realms_) {
    x->bound.clear();
    x->waiting.clear();
    x->held_read = {};
    caf::anon_send_exit(x->actor, caf::exit_reason::kill);
  }
  caf::anon_send_exit(context->auth, caf::exit_reason::kill);
  caf::anon_send_exit(context->admin, caf::exit_reason::kill);
  caf::anon_send_exit(context->registry, caf::exit_reason::kill);
  caf::anon_send_exit(context->directory, caf::exit_reason::kill);
  run();
}

model_realm& sync_world::realm(const std::string& path) {
  auto& x = realms_[path];
  if (!x)
    x = std::make_unique<model_realm>();
  if (!x->actor)
    x->actor = system().spawn(realm_mock, x.get());
  return *x;
}

void sync_world::end_access(const std::string& user, caf::error reason) {
  end_of_access = std::move(reason);
  caf::anon_send(caf::actor_cast<caf::actor>(context->admin), actors::delete_user{user, {}});
  run();
}

void sync_world::change_rights(const std::string& path, actors::rights now) {
  access[path] = now;
  caf::anon_send(caf::actor_cast<caf::actor>(context->admin), upkeep_atom_v);
  run();
}

void sync_world::delete_realm(const std::string& path) {
  caf::anon_send(caf::actor_cast<caf::actor>(context->admin), remove_realm_data{path, 1});
  run();
}

void sync_world::lose_watches() {
  caf::anon_send(caf::actor_cast<caf::actor>(context->admin), stop_atom_v);
  run();
}

void sync_world::integrate(model_realm& x) {
  caf::anon_send(x.actor, commit_atom_v);
  run();
}

void sync_world::answer_read(model_realm& x, caf::expected<download_chunk> answer) {
  x.read_answer = std::move(answer);
  integrate(x);
}

void sync_world::append(model_realm& x, std::string data) {
  const auto size = data.size();
  x.history.push_back({x.history.size() + 1, 1, 0, 5, size, sync::bytes{std::move(data)}});
  caf::anon_send(x.actor, idle_atom_v);
  run();
}

void sync_world::kill(model_realm& x) {
  caf::anon_send_exit(x.actor, caf::exit_reason::kill);
  x.actor = nullptr;
  x.bound.clear();
  run();
}

std::vector<std::string> sync_world::names() {
  std::vector<std::string> out;
  const auto records = ask<std::vector<actor_record>>(context->directory, list_atom_v);
  for (const auto& x : *records)
    out.push_back(x.name);
  return out;
}

} // namespace ros::test
