#include "support/full_loop_merge.hpp"

#include "sync/merge_rules.hpp"

#include <deque>
#include <list>

namespace ros::test {
namespace {

using namespace sync::merging;

struct item {
  sync::instruction what;
  std::vector<sync::path_element> path;
  participant p;
};
using items = std::list<item>; // iterators must survive insertion

struct member {
  member(sync::merge_changeset& target, std::uint32_t age, name_table& names)
      : source(target, age, names) {}
  source_changeset source;
  items all;
};

class full_loop {
public:
  full_loop(std::span<sync::merge_changeset* const> majors,
            std::span<sync::merge_changeset* const> minors) {
    std::vector<sync::merge_changeset*> all(majors.begin(), majors.end());
    all.insert(all.end(), minors.begin(), minors.end());
    const auto ages = age_ranks(all);
    for (std::size_t n = 0; n < all.size(); ++n) {
      auto& side = n < majors.size() ? majors_ : minors_;
      auto& m = side.emplace_back(*all[n], ages[n], names_);
      for (auto& i : m.source.changes().instructions)
        add(m, m.all.end(), std::move(i));
    }
  }

  sync::result<void> run() {
    for (auto& major : majors_)
      for (auto a = major.all.begin(); a != major.all.end();) {
        if (!meet_from(major, a, 0, nullptr))
          return sync::error{sync::ec::merge_failure, why_, 212};
        a = after(major, a);
      }
    for (auto* side : {&majors_, &minors_})
      for (auto& m : *side)
        write(m);
    return {};
  }

private:
  items::iterator add(member& to, items::iterator before, sync::instruction what) {
    auto at = to.all.emplace(before);
    at->what = std::move(what);
    at->path.resize(at->what.path.size());
    at->p = make_participant(at->what, to.source, at->path.data());
    const auto op = at->what.op;
    if (op == sync::opcode::create_object || op == sync::opcode::erase_object ||
        sync::is_path_instruction(op))
      at->p.object = objects_.number(at->what, to.source);
    return at;
  }

  /// The next one; a dropped one goes.
  static items::iterator after(member& m, items::iterator at) {
    if (!at->p.dropped)
      return std::next(at);
    m.source.mark_changed();
    return m.all.erase(at);
  }

  /// `a` meets all minors, or those that come after `previous` of changeset `first`.
  bool meet_from(member& major, items::iterator a, std::size_t first, items::iterator* previous) {
    for (std::size_t n = first; n < minors_.size(); ++n) {
      auto& minor = minors_[n];
      auto b = previous && n == first ? std::next(*previous) : minor.all.begin();
      while (b != minor.all.end()) {
        const auto out = merge_pair(a->p, b->p);
        why_ = out.failure ? out.failure : "";
        if (out.failure || (out.column_erased && !insert_erase_column(major, a, n, b)))
          return false;
        b = after(minor, b);
        if (a->p.dropped)
          return true;
      }
    }
    return true;
  }

  /// P8.
  bool insert_erase_column(member& major, items::iterator a, std::size_t n, items::iterator b) {
    if (b->p.op == sync::opcode::erase_table) {
      add(minors_[n], b, make_erase_column(b->p, a->p));
      return true;
    }
    auto inserted = add(major, a, make_erase_column(a->p, b->p));
    const bool ok = meet_from(major, inserted, n, &b);
    after(major, inserted);
    return ok;
  }

  static void write(member& m) {
    auto& instructions = m.source.changes().instructions;
    instructions.clear();
    for (auto& i : m.all) {
      write_back(i.p);
      instructions.push_back(std::move(i.what));
    }
  }

  name_table names_;
  object_table objects_;
  std::deque<member> majors_;
  std::deque<member> minors_;
  std::string why_;
};

} // namespace

sync::result<void> full_loop_merge(std::span<sync::merge_changeset* const> majors,
                                   std::span<sync::merge_changeset* const> minors) {
  return full_loop(majors, minors).run();
}

} // namespace ros::test
