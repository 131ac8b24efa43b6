#include "check/engine/workers.h"

namespace peerbed::check {

Workers::Workers(std::size_t count) {
  for (std::size_t worker = 1; worker < count; ++worker) threads_.emplace_back([this, worker] { help(worker); });
}

Workers::~Workers() {
  {
    const std::lock_guard lock(mutex_);
    stops_ = true;
  }
  begins_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Workers::run(std::size_t pieces, const std::function<void(std::size_t, std::size_t)>& work) {
  if (threads_.empty() || pieces < 2) {
    for (std::size_t piece = 0; piece < pieces; ++piece) work(0, piece);
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    work_ = &work;
    pieces_ = pieces;
    next_piece_ = 0;
    busy_ = threads_.size();
    ++round_;
  }
  begins_.notify_all();
  take_pieces(0);
  std::unique_lock lock(mutex_);
  ends_.wait(lock, [this] { return busy_ == 0; });
}

void Workers::help(std::size_t worker) {
  for (std::size_t seen = 0;;) {
    {
      std::unique_lock lock(mutex_);
      begins_.wait(lock, [&] { return stops_ || round_ != seen; });
      if (stops_) return;
      seen = round_;
    }
    take_pieces(worker);
    const std::lock_guard lock(mutex_);
    if (--busy_ == 0) ends_.notify_one();
  }
}

void Workers::take_pieces(std::size_t worker) {
  for (std::size_t piece = next_piece_++; piece < pieces_; piece = next_piece_++) (*work_)(worker, piece);
}

}  // namespace peerbed::check
