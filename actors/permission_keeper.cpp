#include "permission_keeper.hpp"

#include "errors.hpp"
#include "object_fields.hpp"

#include "runtime/log.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <set>

namespace ros::actors {

namespace {

constexpr auto retry_after = std::chrono::seconds(1);
constexpr const char* class_name = "Permission";
/// Objects that are looked at in one round. There are more only if a client makes them.
constexpr std::size_t max_objects = 20'000;
/// What default rows are called where they are shown (7.2).
constexpr const char* everybody = "*";

using sync::value_type;

std::vector<sync::write_operation> schema() {
  std::vector<sync::write_operation> all{sync::declare_class{class_name}};
  for (const auto& [name, type] :
       {std::pair{"userId", value_type::string}, std::pair{"path", value_type::string},
        std::pair{"mayRead", value_type::boolean}, std::pair{"mayWrite", value_type::boolean},
        std::pair{"mayManage", value_type::boolean}, std::pair{"updatedAt", value_type::timestamp}})
    all.emplace_back(sync::declare_property{class_name, name, type});
  return all;
}

using row_name = std::pair<std::string, std::string>; ///< user as shown, path

std::string shown(const std::string& user) {
  return user.empty() ? everybody : user;
}

} // namespace

std::vector<sync::write_operation> mirror_permissions(const std::vector<permission_record>& wanted,
                                                      const std::vector<found_object>& present) {
  std::set<row_name> names;
  for (const auto& x : wanted)
    names.emplace(shown(x.user), x.path);
  std::map<row_name, sync::primary_key> at;
  std::vector<sync::write_operation> operations;
  std::vector<sync::write_operation> removals;
  for (const auto& [key, object] : present) {
    const row_name name{text_in(object, "userId").value_or(""),
                        text_in(object, "path").value_or("")};
    if (!names.contains(name) || !at.emplace(name, key).second)
      removals.emplace_back(sync::erase_object{class_name, key});
  }
  std::uint64_t made = 0;
  for (const auto& x : wanted) {
    const auto found = at.find({shown(x.user), x.path});
    const sync::primary_key key =
        found == at.end() ? sync::primary_key{sync::global_key{0, ++made}} : found->second;
    operations.emplace_back(sync::put_object{class_name,
                                             key,
                                             {{"userId", {shown(x.user)}},
                                              {"path", {x.path}},
                                              {"mayRead", {x.allowed.read}},
                                              {"mayWrite", {x.allowed.write}},
                                              {"mayManage", {x.allowed.manage}},
                                              {"updatedAt", date_value(x.updated_ms)}}});
  }
  operations.insert(operations.end(), std::make_move_iterator(removals.begin()),
                    std::make_move_iterator(removals.end()));
  return operations;
}

std::vector<sync::write_operation> without_new_objects(std::vector<sync::write_operation> all) {
  std::erase_if(all, [](const sync::write_operation& x) {
    const auto* put = std::get_if<sync::put_object>(&x);
    const auto* key = put ? std::get_if<sync::global_key>(&put->key) : nullptr;
    return key && key->hi == 0;
  });
  return all;
}

std::vector<permission_record> visible_permissions(const std::string& user,
                                                   const permission_list& listed) {
  std::vector<permission_record> result;
  for (const auto& [row, owner] : listed.rows) {
    const bool is_own = row.user == user;
    const bool is_on_own_realm = owner == user && !row.user.empty();
    if (row.allowed.any() && (is_own || is_on_own_realm))
      result.push_back(row);
  }
  // SDKs wait until there is a row, and hide these two (7.1).
  if (!user.empty())
    for (const char* name : {"/__permission", "/__management"})
      result.push_back({user, '/' + user + name, read_write, 0});
  return result;
}

void permission_keeper_state::start(permission_keeper_links links) {
  links_ = std::move(links);
  self_->monitor(links_.realm);
  self_->set_down_handler([this](const caf::down_msg&) { self_->quit(); });
  look();
}

void permission_keeper_state::trouble(const caf::error& reason) {
  log::debug("permission_keeper of {} waits: {}", links_.user, self_->system().render(reason));
  working_ = false;
  again_ = true;
  if (!std::exchange(waits_, true))
    self_->delayed_send(self_, retry_after, restore_atom_v);
}

void permission_keeper_state::go_on() {
  waits_ = false;
  look();
}

void permission_keeper_state::look() {
  again_ = true;
  if (working_ || waits_)
    return;
  working_ = true;
  reconcile();
}

void permission_keeper_state::reconcile() {
  again_ = false;
  if (links_.is_empty)
    return read_present({}, {});
  list_permissions question{{links_.user, false},
                            links_.user.empty() ? permission_filter::current_user
                                                : permission_filter::any};
  self_->request(links_.admin, caf::infinite, std::move(question))
      .then(
          [this](const permission_list& x) {
            read_present(visible_permissions(links_.user, x), {});
          },
          [this](const caf::error& reason) { trouble(reason); });
}

void permission_keeper_state::read_present(std::vector<permission_record> wanted,
                                           std::vector<found_object> present) {
  read_objects question{class_name};
  if (!present.empty())
    question.after = present.back().key;
  self_->request(links_.realm, caf::infinite, std::move(question))
      .then(
          [this, wanted = std::move(wanted),
           present = std::move(present)](const objects_read& page) mutable {
            present.insert(present.end(), page.objects.begin(), page.objects.end());
            const bool is_all = !page.more || page.objects.empty();
            if (!is_all && present.size() < max_objects)
              return read_present(std::move(wanted), std::move(present));
            version_ = page.head;
            auto rows = mirror_permissions(wanted, present);
            again_ = again_ || !is_all;
            write(is_all ? std::move(rows) : without_new_objects(std::move(rows)));
          },
          [this](const caf::error& reason) { trouble(reason); });
}

void permission_keeper_state::write(std::vector<sync::write_operation> rows) {
  auto operations = schema();
  operations.insert(operations.end(), std::make_move_iterator(rows.begin()),
                    std::make_move_iterator(rows.end()));
  if (operations.size() > sync::max_operations) { // the rest comes with the next round
    operations.resize(sync::max_operations);
    again_ = true;
  }
  transact transaction{std::move(operations)};
  transaction.if_head = version_;
  self_->request(links_.realm, caf::infinite, std::move(transaction))
      .then(
          [this](const transacted& x) {
            again_ = again_ || x.moved_on;
            done(x.head);
          },
          [this](const caf::error& reason) {
            if (reason != ec::bad_operation)
              return trouble(reason);
            log::warn("the permissions of {} cannot be shown: {}", links_.user,
                      self_->system().render(reason));
            working_ = false;
          });
}

void permission_keeper_state::done(sync::version_type head) {
  version_ = std::max(version_, head);
  working_ = false;
  if (again_)
    look();
  else
    follow();
}

/// Clients may upload changes, which mean nothing.
void permission_keeper_state::follow() {
  if (std::exchange(following_, true))
    return;
  self_->request(links_.realm, caf::infinite, follow_realm{version_, false})
      .then(
          [this](const realm_changes& news) {
            following_ = false;
            if (news.closing)
              return;
            version_ = std::max(version_, news.version);
            const bool by_clients = std::ranges::any_of(news.changes, [](const realm_change& x) {
              return !x.user.empty() && !x.objects.empty();
            });
            if (by_clients || news.everything)
              look();
            else if (!working_)
              follow();
          },
          [this](const caf::error& reason) {
            following_ = false;
            trouble(reason);
          });
}

realm_keeper_actor::behavior_type
permission_keeper(realm_keeper_actor::stateful_pointer<permission_keeper_state> self,
                  permission_keeper_links links) {
  self->state.start(std::move(links));
  return {
      [self](upkeep_atom) { self->state.look(); },
      [self](restore_atom) { self->state.go_on(); },
  };
}

} // namespace ros::actors
