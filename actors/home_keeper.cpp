#include "home_keeper.hpp"

#include "permission_keeper.hpp"
#include "realm_path.hpp"
#include "system_realms.hpp"

#include "runtime/log.hpp"

#include <chrono>
#include <utility>
#include <vector>

namespace ros::actors {

namespace {

constexpr auto retry_after = std::chrono::seconds(1);

} // namespace

void home_keeper_state::start(home_keeper_links links) {
  links_ = std::move(links);
  self_->set_down_handler([this](const caf::down_msg& down) { ended(down.source); });
  follow();
}

void home_keeper_state::opened(const realm_opened& x) {
  const auto kind = system_realm_at(x.path);
  if (kind == system_realm::management) {
    self_->spawn(management_keeper, management_keeper_links{x.realm, links_.admin, links_.clock,
                                                            std::string{first_segment(x.path)}});
  } else if (kind == system_realm::permission || kind == system_realm::defaults) {
    const bool is_home = kind == system_realm::permission;
    auto user = is_home ? std::string{first_segment(x.path)} : std::string{};
    auto keeper = self_->spawn(permission_keeper,
                               permission_keeper_links{x.realm, links_.admin, user,
                                                       !is_home && links_.hide_default_realms});
    self_->monitor(keeper);
    showing_.emplace(std::move(user), keeper);
  }
}

void home_keeper_state::ended(const caf::actor_addr& who) {
  std::erase_if(showing_, [&](const auto& x) { return x.second.address() == who; });
}

void home_keeper_state::follow() {
  self_->request(links_.admin, caf::infinite, follow_admin{sequence_})
      .then(
          [this](const admin_changes& news) {
            heard(news);
            sequence_ = news.sequence;
            if (sequence_ == 0) // nothing was ever written: 0 would be answered at once
              self_->delayed_send(self_, retry_after, restore_atom_v);
            else
              follow();
          },
          [this](const caf::error&) { self_->delayed_send(self_, retry_after, restore_atom_v); });
}

void home_keeper_state::heard(const admin_changes& news) {
  if (showing_.empty())
    return;
  if (news.everything) {
    for (const auto& [user, keeper] : showing_)
      self_->send(keeper, upkeep_atom_v);
    return;
  }
  std::set<std::string> users;
  std::set<std::string> elsewhere; // Realms whose path does not tell the owner
  for (const auto& row : news.rows) {
    if (row.kind == admin_row_kind::user)
      continue;
    if (row.kind == admin_row_kind::permission)
      users.insert(row.user);
    const std::string home{first_segment(row.path)};
    if (home.size() + 1 < row.path.size() && showing_.contains(home))
      users.insert(home);
    else
      elsewhere.insert(row.path);
  }
  for (const auto& user : users)
    tell(user);
  tell_owners(elsewhere);
}

void home_keeper_state::tell(const std::string& user) {
  const auto [begin, end] = showing_.equal_range(user);
  for (auto i = begin; i != end; ++i)
    self_->send(i->second, upkeep_atom_v);
}

void home_keeper_state::tell_owners(const std::set<std::string>& paths) {
  constexpr std::size_t most = 1000; // of one question
  read_admin_rows question;
  for (const auto& path : paths)
    if (question.names.size() < most)
      question.names.push_back({admin_row_kind::realm, {}, path});
  if (question.names.empty())
    return;
  self_->request(links_.admin, caf::infinite, std::move(question))
      .then(
          [this](const admin_rows& x) {
            std::set<std::string> owners;
            for (const auto& realm : x.realms)
              if (!realm.owner.empty())
                owners.insert(realm.owner);
            for (const auto& owner : owners)
              tell(owner);
          },
          [](const caf::error&) {}); // the next change comes by
}

home_keeper_actor::behavior_type
home_keeper(home_keeper_actor::stateful_pointer<home_keeper_state> self, home_keeper_links links) {
  self->state.start(std::move(links));
  return {
      [self](const realm_opened& x) { self->state.opened(x); },
      [self](restore_atom) { self->state.follow(); },
  };
}

} // namespace ros::actors
