// Everything a realm actor needs around it: a real database behind either shard log, a
// gate in front of the log, and sessions that remember what they are told.
#pragma once

#include "actors/errors.hpp"
#include "actors/realm.hpp"
#include "actors/realm_registry.hpp"
#include "storage/database_impl.hpp"
#include "storage/keys.hpp"
#include "storage/realm_store.hpp"
#include "support/actor_world.hpp"
#include "support/changeset_builder.hpp"
#include "support/damage.hpp"
#include "support/replicated/log_under_test.hpp"
#include "sync/changeset_codec.hpp"

#include <caf/event_based_actor.hpp>

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace ros::test {

/// Work that an actor of the test does in its own name.
struct test_task {
  std::function<void(caf::event_based_actor*)> run;
};

} // namespace ros::test
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(ros::test::test_task)
namespace ros::test {

/// What a log gate does with entries: lets them through, holds them, or fails them.
struct gate_rules {
  bool hold = false;
  std::optional<cluster::ec> fail;
  int entries = 0; ///< that came
  std::deque<std::pair<storage::log_entry, caf::typed_response_promise<bool>>> held;
};

/// Stands in front of a shard log.
inline caf::behavior log_gate(caf::event_based_actor* self, cluster::shard_log_actor inner,
                              std::shared_ptr<gate_rules> rules) {
  return {
      [self, inner, rules](storage::log_entry& entry) -> caf::result<bool> {
        ++rules->entries;
        if (rules->fail)
          return caf::make_error(*rules->fail);
        if (!rules->hold)
          return self->delegate(inner, std::move(entry));
        auto promise = self->make_response_promise<bool>();
        rules->held.emplace_back(std::move(entry), promise);
        return promise;
      },
      [self](const test_task& task) { task.run(self); },
  };
}

/// What an upload gate does.
struct upload_gate_rules {
  bool hold = false;
  int uploads = 0; ///< that came
  std::vector<std::pair<actors::integrate_away, caf::typed_response_promise<bool>>> held;
};

/// Stands in front of an upload worker.
inline caf::behavior upload_gate(caf::event_based_actor* self, actors::upload_worker_actor inner,
                                 std::shared_ptr<upload_gate_rules> rules) {
  return {
      [self, inner, rules](actors::integrate_away& x) -> caf::result<bool> {
        ++rules->uploads;
        if (!rules->hold)
          return self->delegate(inner, std::move(x));
        auto promise = self->make_response_promise<bool>();
        rules->held.emplace_back(std::move(x), promise);
        return promise;
      },
      [self](const test_task& task) { task.run(self); },
  };
}

/// What a session was told.
struct session_record {
  std::vector<std::shared_ptr<const actors::publication>> published;
  std::vector<actors::session_failure> failures;
  bool evicted = false;
};

/// Stands for a session: conforms to its protocol and does tasks besides.
inline caf::behavior fake_session(caf::event_based_actor* self,
                                  std::shared_ptr<session_record> record) {
  return {
      [](actors::client_message&) {},
      [record](const actors::published& x) { record->published.push_back(x.content); },
      [record](const actors::session_failure& x) { record->failures.push_back(x); },
      [](actors::turn_atom) {},
      [](actors::bound_atom) { return true; },
      [record](actors::evict_atom) { record->evicted = true; },
      [](actors::upkeep_atom) {},
      [self](const test_task& task) { task.run(self); },
  };
}

/// A client of the realm: its session, its file, its cursors.
struct realm_client {
  caf::actor session;
  std::shared_ptr<session_record> told = std::make_shared<session_record>();
  std::uint64_t connection = 0;
  sync::salted_file_ident file;
  actors::session_attached attached;

  /// The newest head it was told.
  [[nodiscard]] sync::version_type head() const {
    return told->published.empty() ? attached.head.version : told->published.back()->head.version;
  }
};

/// How the Realm's history is kept small; nothing of the kind without.
struct world_upkeep {
  actors::history_limits limits;
  std::size_t part_bytes = 1u << 20;
};

class realm_world {
public:
  explicit realm_world(test::log_kind kind, std::optional<world_upkeep> upkeep = {})
      : log_(actors_.system(), kind), upkeep_(upkeep) {
    if (upkeep_)
      limits.history = upkeep_->limits;
    start();
  }
  ~realm_world() { end(); }

  actor_world& actors() { return actors_; }
  gate_rules& gate() { return *rules_; }
  /// Lets through what the gate holds, and what comes after it.
  void open_gate() {
    rules_->hold = false;
    caf::anon_send(caf::actor_cast<caf::actor>(gate_), test_task{[this](caf::event_based_actor*) {
                     for (auto& [entry, promise] : std::exchange(rules_->held, {}))
                       promise.delegate(log_.log(), std::move(entry));
                   }});
    run();
  }
  /// Lets one entry through that the gate holds; it goes on holding.
  void pass_one_held() {
    caf::anon_send(caf::actor_cast<caf::actor>(gate_), test_task{[this](caf::event_based_actor*) {
                     if (rules_->held.empty())
                       return;
                     auto [entry, promise] = std::move(rules_->held.front());
                     rules_->held.pop_front();
                     promise.delegate(log_.log(), std::move(entry));
                   }});
    run();
  }
  /// The same for big uploads, which go to a worker if limits.away_bytes says so at the start.
  void hold_worker() { away_->hold = true; }
  void open_worker() {
    away_->hold = false;
    caf::anon_send(caf::actor_cast<caf::actor>(worker_gate_),
                   test_task{[this](caf::event_based_actor*) {
                     for (auto& [upload, promise] : std::exchange(away_->held, {}))
                       promise.delegate(worker_, std::move(upload));
                   }});
    run();
  }
  [[nodiscard]] int uploads_away() const { return away_->uploads; }

  /// Fails what the gate holds.
  void fail_held(cluster::ec reason) {
    caf::anon_send(caf::actor_cast<caf::actor>(gate_),
                   test_task{[this, reason](caf::event_based_actor*) {
                     for (auto& [entry, promise] : std::exchange(rules_->held, {}))
                       promise.deliver(caf::make_error(reason));
                   }});
    run();
  }
  actors::realm_actor realm;
  std::vector<std::string> released; ///< paths that the realm wanted to let go
  std::vector<std::string> failed;   ///< reasons why the realm ended itself

  void run() { actors_.run(); }

  /// The process ends and starts again.
  void restart() {
    end();
    log_.restart();
    start();
  }

  /// The same with the gate closed from the first entry on.
  void restart_held() {
    end();
    log_.restart();
    rules_->hold = true;
    start();
  }

  /// What is stored of the Realm now.
  storage::realm_record stored() {
    storage::realm_store store{log_.db(), identity.shard, identity.realm_id};
    auto record = store.refresh();
    EXPECT_TRUE(record);
    return record ? *record : storage::realm_record{};
  }
  std::optional<sync::client_file> stored_file(sync::file_ident ident) {
    storage::realm_store store{log_.db(), identity.shard, identity.realm_id};
    auto file = store.client_file(ident);
    return file ? *file : std::nullopt;
  }

  /// The Realm as its writer's node stores it.
  storage::realm_store open_store() {
    return storage::realm_store{log_.db(), identity.shard, identity.realm_id};
  }

  /// Class T with an integer key and an integer property i.
  static sync::bytes sample_schema() {
    return sync::bytes{sync::encode_changeset(test::changeset_builder{}
                                                  .add_table("T")
                                                  .add_column("T", "i", sync::value_type::integer)
                                                  .take())};
  }

  /// Overwrites what is stored of the Realm in a family with nonsense.
  void damage(storage::family what) {
    damage_rows(log_.db(), what, storage::realm_prefix(identity.shard, identity.realm_id));
  }
  storage::database& database() { return log_.db(); }

  /// The realm of the last start() has ended, and why.
  [[nodiscard]] bool has_ended() const { return end_->has_value(); }
  [[nodiscard]] const caf::error& end_reason() const { return **end_; }

  /// A real registry, whose Realms lie in shard 3 of the same database.
  actors::realm_registry_actor start_registry() {
    auto links = std::make_shared<actors::realm_dependencies>(
        actors::realm_dependencies{gate_, {}, {}, idle_});
    auto spawner = [this, links](const actors::open_realm& x) {
      auto writer = std::make_shared<std::unique_ptr<actors::realm_writer>>(
          std::make_unique<actors::realm_writer>(
              log_.db(), actors::realm_identity{x.path, x.realm_id, 3}, clock, random, limits));
      return actors_.system().spawn(actors::realm, writer, *links);
    };
    links->registry =
        actors_.system().spawn(actors::realm_registry, actors::realm_spawner{spawner});
    return links->registry;
  }

  realm_client open_session(std::uint64_t connection) {
    realm_client client;
    client.connection = connection;
    client.session = actors_.system().spawn(fake_session, client.told);
    sessions_.push_back(client.session);
    return client;
  }

  template <class T>
  using pending_answer = std::shared_ptr<std::optional<caf::expected<T>>>;

  /// Asks the realm in the name of a client's session; the answer appears later.
  template <class T, class Question>
  pending_answer<T> start_ask(const realm_client& client, Question question) {
    auto answer = std::make_shared<std::optional<caf::expected<T>>>();
    caf::anon_send(client.session,
                   test_task{[this, answer, question](caf::event_based_actor* self) mutable {
                     self->request(realm, caf::infinite, std::move(question))
                         .then([answer](T& x) { *answer = std::move(x); },
                               [answer](caf::error& e) { *answer = std::move(e); });
                   }});
    return answer;
  }
  template <class T, class Question>
  caf::expected<T> ask_as(const realm_client& client, Question question) {
    auto answer = start_ask<T>(client, std::move(question));
    run();
    return answer->value_or(caf::make_error(caf::sec::request_timeout));
  }

  template <class Message>
  void send_as(const realm_client& client, Message message) {
    caf::send_as(client.session, caf::actor_cast<caf::actor>(realm), std::move(message));
  }

  /// A new client with a fresh file, bound on a connection of its own.
  realm_client join(const std::string& user = "u") {
    auto client = open_session(++connections_);
    auto file = actors_.ask<sync::salted_file_ident>(realm, actors::allocate_client_file{user});
    EXPECT_TRUE(file);
    client.file = file ? *file : sync::salted_file_ident{};
    auto attached = attach(client, {}, {}, user);
    EXPECT_TRUE(attached);
    client.attached = attached ? *attached : actors::session_attached{};
    return client;
  }

  caf::expected<actors::session_attached> attach(const realm_client& client,
                                                 sync::download_cursor download,
                                                 sync::salted_version latest,
                                                 const std::string& user = "u") {
    return ask_as<actors::session_attached>(
        client, actors::attach_session{client.connection, client.file, download, latest, user, 14});
  }

  /// Uploads one changeset; nothing runs yet.
  void upload(const realm_client& client, sync::version_type client_version,
              sync::version_type base, const sync::bytes& data,
              std::shared_ptr<const void> receipt = nullptr) {
    actors::integrate_upload x;
    x.client = client.file.ident;
    x.progress = {client_version, base};
    x.changesets.push_back({client_version, base, client_version * 10, data});
    x.receipt = std::move(receipt);
    send_as(client, std::move(x));
  }
  void upload_cursor(const realm_client& client, sync::upload_cursor progress) {
    send_as(client, actors::integrate_upload{client.file.ident, progress, 0, {}, nullptr});
  }

  manual_clock clock;
  seeded_random random;
  actors::realm_identity identity{"/test", 5, 3};
  actors::realm_limits limits;

private:
  void start() {
    gate_ = caf::actor_cast<cluster::shard_log_actor>(
        actors_.system().spawn(log_gate, log_.log(), rules_));
    registry_ = actors_.system().spawn([this](actors::realm_registry_actor::pointer)
                                           -> actors::realm_registry_actor::behavior_type {
      return {
          [](const actors::open_realm&) -> caf::result<actors::realm_actor> {
            return caf::sec::invalid_argument;
          },
          [](actors::forget_atom, const std::string&, std::uint64_t) { return true; },
          [](actors::idle_atom) {},
          [this](actors::failed_atom, const std::string& reason) { failed.push_back(reason); },
          [](actors::restore_atom, const std::string&) { return false; },
          [](actors::list_atom) { return std::vector<actors::realm_status>{}; },
          [this](actors::release_atom, const std::string& path) { released.push_back(path); },
          [](actors::stop_atom) { return true; },
      };
    });
    auto writer = std::make_shared<std::unique_ptr<actors::realm_writer>>(
        std::make_unique<actors::realm_writer>(log_.db(), identity, clock, random, limits));
    actors::realm_dependencies links{gate_, registry_, {}, idle_};
    if (upkeep_) {
      actors::compactor_options options;
      options.db = &log_.db();
      options.part_bytes = upkeep_->part_bytes;
      compactor_ = links.compactor = actors_.system().spawn(actors::compactor, options);
    }
    if (limits.away_bytes != 0) {
      worker_ = actors_.system().spawn(actors::upload_worker);
      worker_gate_ = links.worker = caf::actor_cast<actors::upload_worker_actor>(
          actors_.system().spawn(upload_gate, worker_, away_));
    }
    realm = actors_.system().spawn(actors::realm, writer, links);
    end_ = std::make_shared<std::optional<caf::error>>();
    caf::actor_cast<caf::abstract_actor*>(realm)->attach_functor(
        [end = end_](const caf::error& reason) { *end = reason; });
    run();
  }
  void end() {
    rules_->held.clear();
    rules_->hold = false;
    for (auto& x : sessions_)
      caf::anon_send_exit(x, caf::exit_reason::kill);
    sessions_.clear();
    caf::anon_send_exit(realm, caf::exit_reason::kill);
    caf::anon_send_exit(gate_, caf::exit_reason::kill);
    if (compactor_)
      caf::anon_send_exit(std::exchange(compactor_, {}), caf::exit_reason::kill);
    if (worker_) {
      caf::anon_send_exit(std::exchange(worker_, {}), caf::exit_reason::kill);
      caf::anon_send_exit(std::exchange(worker_gate_, {}), caf::exit_reason::kill);
    }
    away_->held.clear();
    caf::anon_send_exit(registry_, caf::exit_reason::kill);
    realm = actors::realm_actor{};
    gate_ = cluster::shard_log_actor{};
    registry_ = actors::realm_registry_actor{};
    run();
  }

  actor_world actors_;
  test::log_under_test log_;
  std::optional<world_upkeep> upkeep_;
  actors::compactor_actor compactor_;
  std::chrono::milliseconds idle_{60'000};
  std::shared_ptr<std::optional<caf::error>> end_;
  std::shared_ptr<gate_rules> rules_ = std::make_shared<gate_rules>();
  cluster::shard_log_actor gate_;
  actors::realm_registry_actor registry_;
  std::shared_ptr<upload_gate_rules> away_ = std::make_shared<upload_gate_rules>();
  actors::upload_worker_actor worker_, worker_gate_;
  std::vector<caf::actor> sessions_;
  std::uint64_t connections_ = 0;
};

} // namespace ros::test
