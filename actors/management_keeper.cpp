#include "management_keeper.hpp"

#include "errors.hpp"
#include "object_fields.hpp"

#include "runtime/log.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <tuple>
#include <utility>

namespace ros::actors {

namespace {

constexpr auto retry_after = std::chrono::seconds(1);
/// Requests in memory; others wait in the Realm until these are answered.
constexpr std::size_t max_requests = 1000;

constexpr std::array classes{management_class::change, management_class::offer,
                             management_class::response};

bool is_trouble(const caf::error& e) {
  return e == ec::unavailable || e == ec::overloaded;
}

} // namespace

void management_keeper_state::start(management_keeper_links links) {
  links_ = std::move(links);
  requester_ = {links_.user, links_.user == admin_user_id};
  self_->monitor(links_.realm);
  self_->set_down_handler([this](const caf::down_msg&) { self_->quit(); });
  declare();
}

/// The REALM or the ADMIN REALM cannot answer now.
void management_keeper_state::trouble(const caf::error& reason) {
  log::debug("management_keeper of {} waits: {}", links_.user, self_->system().render(reason));
  working_ = false;
  if (!std::exchange(waits_, true))
    self_->delayed_send(self_, retry_after, restore_atom_v);
}

void management_keeper_state::go_on() {
  waits_ = false;
  if (!declared_)
    declare();
  else if (!requests_.empty())
    work();
  else
    read_all(0, {});
}

// -- looking for requests -----------------------------------------------------------

void management_keeper_state::declare() {
  self_->request(links_.realm, caf::infinite, transact{management_schema()})
      .then(
          [this](const transacted& x) {
            declared_ = true;
            version_ = std::max(version_, x.head);
            read_all(0, {});
          },
          [this](const caf::error& reason) {
            if (reason == ec::bad_operation) // a client declared a class differently
              log::warn("the Realm /{}/__management cannot be used: {}", links_.user,
                        self_->system().render(reason));
            else
              trouble(reason);
          });
}

/// Everything, page by page: after a start, or when nobody can say what changed.
void management_keeper_state::read_all(std::size_t which, caf::optional<sync::primary_key> after) {
  if (which == classes.size())
    return order_and_work();
  read_objects question{classes[which]};
  question.after = std::move(after);
  self_->request(links_.realm, caf::infinite, std::move(question))
      .then(
          [this, which](const objects_read& page) {
            if (which == 0 && !following_)
              version_ = std::max(version_, page.head);
            take(classes[which], page.objects);
            if (page.more && !page.objects.empty())
              read_all(which, page.objects.back().key);
            else
              read_all(which + 1, {});
          },
          [this](const caf::error& reason) { trouble(reason); });
}

void management_keeper_state::follow() {
  if (std::exchange(following_, true))
    return;
  self_->request(links_.realm, caf::infinite, follow_realm{version_, false})
      .then(
          [this](const realm_changes& news) {
            following_ = false;
            if (!news.closing)
              heard(news);
          },
          [this](const caf::error& reason) {
            following_ = false;
            trouble(reason);
          });
}

void management_keeper_state::heard(const realm_changes& news) {
  version_ = news.version;
  if (news.everything)
    return read_all(0, {});
  touched what;
  for (const auto& change : news.changes) {
    if (change.user.empty())
      continue; // our own answers
    for (const auto& object : change.objects) {
      const auto* id = std::get_if<std::string>(&object.key);
      if (!id)
        continue;
      if (object.class_name == management_class::offer &&
          object.what == sync::object_change::erased)
        withdraw(*id);
      else if (object.class_name == management_class::offer)
        what.offers.insert(object.key);
      else if (object.class_name == management_class::change)
        what.changes.insert(object.key);
      else if (object.class_name == management_class::response)
        what.responses.insert(object.key);
    }
  }
  read_touched(0, std::move(what));
}

void management_keeper_state::read_touched(std::size_t which, touched what) {
  constexpr std::size_t at_once = 1000;
  keys* const lists[] = {&what.changes, &what.offers, &what.responses};
  while (which < classes.size() && lists[which]->empty())
    ++which;
  if (which == classes.size())
    return order_and_work();
  read_objects question{classes[which]};
  auto& list = *lists[which];
  while (!list.empty() && question.keys.size() < at_once)
    question.keys.push_back(std::move(list.extract(list.begin()).value()));
  auto asked = question.keys;
  self_->request(links_.realm, caf::infinite, std::move(question))
      .then(
          [this, which, what, asked](const objects_read& x) mutable {
            keys* const left[] = {&what.changes, &what.offers, &what.responses};
            if (x.more)
              left[which]->insert(asked.begin() + static_cast<std::ptrdiff_t>(x.looked_at),
                                  asked.end());
            take(classes[which], x.objects);
            read_touched(which, std::move(what));
          },
          [this](const caf::error&) { read_all(0, {}); });
}

void management_keeper_state::take(const std::string& class_name,
                                   const std::vector<found_object>& objects) {
  for (const auto& [key, object] : objects) {
    const auto* id = std::get_if<std::string>(&key);
    if (!id)
      continue;
    auto request = read_request(class_name, *id, object, requester_);
    if (!request) {
      if (class_name == management_class::offer && number_in(object, "statusCode") == 0)
        change_expiry(*id, object);
      continue;
    }
    const bool known = std::ranges::any_of(requests_, [&](const management_request& x) {
      return x.class_name == class_name && x.id == *id;
    });
    if (!known && requests_.size() >= max_requests)
      more_ = true;
    else if (!known)
      requests_.push_back(std::move(*request));
  }
}

/// 6.2: in the order in which clients made them, as far as they are in memory. The one under way
/// stays in front.
void management_keeper_state::order_and_work() {
  auto order = [](const management_request& x) { return std::tie(x.created_ms, x.id); };
  const auto first = requests_.begin() + (working_ && !requests_.empty() ? 1 : 0);
  std::ranges::stable_sort(first, requests_.end(), {}, order);
  work();
}

// -- carrying out -------------------------------------------------------------------

void management_keeper_state::work() {
  if (working_ || waits_)
    return;
  if (requests_.empty())
    return std::exchange(more_, false) ? read_all(0, {}) : follow();
  working_ = true;
  const auto& command = requests_.front().command;
  if (const auto* outcome = std::get_if<management_outcome>(&command))
    answer(*outcome);
  else if (const auto* change = std::get_if<change_permission>(&command))
    ask<permission_changed>(*change);
  else if (const auto* offer = std::get_if<make_offer>(&command))
    ask<offer_record>(*offer);
  else
    ask<offer_accepted>(std::get<accept_offer>(command));
}

template <class Reply, class Command>
void management_keeper_state::ask(const Command& command) {
  self_->request(links_.admin, caf::infinite, command)
      .then([this](const Reply& x) { answer(accepted_outcome(x)); },
            [this](const caf::error& reason) {
              if (is_trouble(reason) && !std::exchange(retried_, true))
                return trouble(reason);
              answer(refused_outcome(reason));
            });
}

/// The change is durable, the answer not yet: after a crash it is made again, which changes
/// nothing.
void management_keeper_state::answer(const management_outcome& outcome) {
  const auto& request = requests_.front();
  transact write{{write_outcome(request, outcome, links_.clock->unix_ms())}};
  // Whoever took the request away wants no answer.
  std::get<sync::put_object>(write.operations.front()).must_exist = true;
  auto done = [this] {
    working_ = retried_ = false;
    requests_.pop_front();
    work();
  };
  self_->request(links_.realm, caf::infinite, std::move(write))
      .then([done](const transacted&) { done(); },
            [this, done](const caf::error& reason) {
              if (reason == ec::bad_operation)
                done();
              else
                trouble(reason);
            });
}

// -- withdrawn offers ---------------------------------------------------------------

/// 6.4: Java takes the object away, others date it back.
void management_keeper_state::withdraw(const std::string& id) {
  withdraw_offer wish{requester_, links_.user + ':' + id, {links_.user, {}}};
  self_->request(links_.admin, caf::infinite, std::move(wish))
      .then([](bool) {}, [](const caf::error&) {}); // it was never made, or is gone
}

void management_keeper_state::change_expiry(const std::string& id,
                                            const sync::read_object& object) {
  const auto expires = ms_in(object, "expiresAt");
  // 0 means never to the ADMIN REALM, and the year 1970 to a client.
  const auto until = expires ? std::max<std::int64_t>(*expires, 1) : 0;
  set_offer_expiry wish{requester_, links_.user + ':' + id, until, {links_.user, {}}};
  self_->request(links_.admin, caf::infinite, std::move(wish))
      .then([](const offer_record&) {}, [](const caf::error&) {});
}

realm_keeper_actor::behavior_type
management_keeper(realm_keeper_actor::stateful_pointer<management_keeper_state> self,
                  management_keeper_links links) {
  self->state.start(std::move(links));
  return {
      [](upkeep_atom) {}, // nothing here is a copy of the ADMIN REALM
      [self](restore_atom) { self->state.go_on(); },
  };
}

} // namespace ros::actors
