#include "sim/streams/pipe.h"

#include <algorithm>

#include "protocols/environment/state.h"

namespace peerbed::sim {

void Pipe::write(Bytes bytes) {
  if (bytes.empty()) return;
  if (text_taken_ > 4096 && text_taken_ * 2 > text_.size()) {
    text_.erase(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(text_taken_));
    text_taken_ = 0;
  }
  text_.insert(text_.end(), bytes.begin(), bytes.end());
  written_ += bytes.size();
  if (!items_.empty() && items_.back().literal)
    items_.back().end = written_;
  else
    items_.push_back({written_, {}, true});
}

void Pipe::write(const Extent& extent) {
  if (extent.size == 0) return;
  written_ += extent.size;
  items_.push_back({written_, extent, false});
}

// The damage mark at an offset, 0 for none; lowers `until` to where the mark changes.
std::uint64_t Pipe::harm_at(std::uint64_t at, std::uint64_t& until) const noexcept {
  for (const Harm& harm : harms_) {
    if (harm.range.end <= at) continue;
    if (harm.range.begin > at) {
      until = std::min(until, harm.range.begin);
      return 0;
    }
    until = std::min(until, harm.range.end);
    return harm.mark;
  }
  return 0;
}

template <class Take>
void Pipe::take_pieces(std::uint64_t count, Take&& take_piece) {
  const std::uint64_t end = taken_ + count;
  while (taken_ < end) {
    Item& item = items_.front();
    std::uint64_t until = std::min(end, item.end);
    const std::uint64_t mark = harms_.empty() ? 0 : harm_at(taken_, until);
    const std::uint64_t size = until - taken_;
    if (item.literal) {
      Bytes text = std::span(text_).subspan(text_taken_, size);
      take_piece(nullptr, text, mark);
      text_taken_ += size;
      if (text_taken_ == text_.size()) {
        text_.clear();
        text_taken_ = 0;
      }
    } else {
      const Extent piece = part_of(item.extent, item.extent.size - (item.end - taken_), size);
      take_piece(&piece, Bytes(), mark);
    }
    taken_ = until;
    if (item.end == until) items_.pop_front();
  }
  if (!harms_.empty()) std::erase_if(harms_, [this](const Harm& harm) { return harm.range.end <= taken_; });
}

void Pipe::take(std::span<std::byte> out) {
  take_pieces(out.size(), [&out](const Extent* extent, Bytes text, std::uint64_t mark) {
    Extent piece = extent != nullptr ? *extent : Extent{};
    const std::size_t size = extent != nullptr ? piece.size : text.size();
    if (extent == nullptr && mark != 0) piece = literal_extent({text.begin(), text.end()});
    if (mark != 0) harm(piece, mark);
    if (extent == nullptr && mark == 0)
      std::copy(text.begin(), text.end(), out.begin());
    else
      materialise(piece, out.first(size));
    out = out.subspan(size);
  });
}

void Pipe::take(std::uint64_t count, std::vector<Extent>& out) {
  take_pieces(count, [&out](const Extent* extent, Bytes text, std::uint64_t mark) {
    out.push_back(extent != nullptr ? *extent : literal_extent({text.begin(), text.end()}));
    if (mark != 0) harm(out.back(), mark);
  });
}

void Pipe::skip(std::uint64_t count) {
  take_pieces(count, [](const Extent*, Bytes, std::uint64_t) {});
}

void Pipe::harm_range(ByteRange range, std::uint64_t mark) {
  range.begin = std::max(range.begin, taken_);
  if (range.begin >= range.end) return;
  const auto position =
      std::find_if(harms_.begin(), harms_.end(), [range](const Harm& harm) { return harm.range.begin > range.begin; });
  harms_.insert(position, {range, mark});
}

void Pipe::clear() {
  items_.clear();
  text_.clear();
  harms_.clear();
  text_taken_ = 0;
  written_ = taken_ = 0;
}

void Pipe::append_state(std::vector<std::byte>& out) const {
  peerbed::append_state(out, std::tie(written_, taken_));
  for (std::size_t i = 0; i < items_.size(); ++i) {
    const Item& item = items_[i];
    peerbed::append_state(out, std::tie(item.end, item.literal, item.extent.seed, item.extent.offset, item.extent.size,
                                        item.extent.damage));
    if (item.extent.literal != nullptr) peerbed::append_state(out, *item.extent.literal);
  }
  for (const Harm& harm : harms_) peerbed::append_state(out, std::tie(harm.range.begin, harm.range.end, harm.mark));
  out.insert(out.end(), text_.begin() + static_cast<std::ptrdiff_t>(text_taken_), text_.end());
}

}  // namespace peerbed::sim
