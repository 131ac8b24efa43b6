#include "adapter/loop/workers.h"

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <utility>

namespace peerbed::adapter {

Workers::Workers(EventLoop& loop, std::size_t threads) : loop_(loop), threads_(threads) {}

Workers::~Workers() { stop(); }

void Workers::run(std::function<void()> work, std::function<void()> done) {
  if (stopped_) return;
  if (!pool_) pool_ = std::make_unique<boost::asio::thread_pool>(threads_);
  boost::asio::post(*pool_, [this, work = std::move(work), done = std::move(done)]() mutable {
    work();
    loop_.post(std::move(done));
  });
}

void Workers::stop() {
  stopped_ = true;
  if (!pool_) return;
  pool_->stop();
  pool_->join();
  pool_.reset();
}

}  // namespace peerbed::adapter
