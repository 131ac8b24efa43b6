// A walk through the states of a check: the way taken so far, and what was taken back of it.

import type { Check, CheckStep } from "./document";

export interface Place {
  state: number;
  step?: CheckStep; // that led here; none at the beginning
}

export class Walk {
  private way_: Place[] = [{ state: 0 }];
  private at_ = 0;
  private listeners_: (() => void)[] = [];

  constructor(readonly check: Check) {}

  // The whole way, with what was taken back.
  get way(): readonly Place[] {
    return this.way_;
  }
  get at(): number {
    return this.at_;
  }
  get state(): number {
    return this.way_[this.at_].state;
  }
  get before(): number | undefined {
    return this.at_ ? this.way_[this.at_ - 1].state : undefined;
  }

  follow(listener: () => void): void {
    this.listeners_.push(listener);
    listener();
  }

  take(step: CheckStep): void {
    if (step[1] < 0) return;
    this.way_ = [...this.way_.slice(0, this.at_ + 1), { state: step[1], step }];
    this.go(this.at_ + 1);
  }

  // To a place of the way.
  go(place: number): void {
    this.at_ = Math.min(Math.max(place, 0), this.way_.length - 1);
    for (const listener of this.listeners_) listener();
  }

  // To any state, by a shortest way.
  jump(state: number): void {
    const { states } = this.check;
    const back = [state];
    while (states[back.at(-1)!][0] >= 0) back.push(states[back.at(-1)!][0]);
    this.way_ = back.reverse().map((one, i) => ({ state: one, step: i ? states[back[i - 1]][5].find(([, target]) => target === one) : undefined }));
    this.go(this.way_.length - 1);
  }
}
