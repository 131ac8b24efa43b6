// The document that a report shows, as written by `peerbed report --json`. Times are in seconds, nodes are indices into
// `nodes`, and absent values are unknown.

export interface Thinned {
  kept: number;
  of: number;
  how: string;
}

export type Unit = string; // "ns", "B", "B/s", "count", "share" or ""

export interface Distribution {
  unit: Unit;
  better: string;
  rows: [at_most: number, count: number][];
}

export interface Violation {
  seconds: number;
  property: string;
  count?: number; // of violations of this property
  what: string;
}

export interface Mark {
  seconds: number;
  kind: string;
  what: string;
  count?: number;
}

export interface Series {
  metric: string;
  unit: Unit;
  better?: string;
  sum?: boolean; // the values add up over an interval; otherwise they are a level
  values: (number | null)[];
}

export interface RingMember {
  n: number; // node
  s: number[]; // successors, nearest first
  p?: number | null; // predecessor
  f: number[]; // fingers
  k?: number; // number of keys held
  o?: number; // number of keys owned
}

export interface RingFrame {
  seconds: number;
  nodes: RingMember[];
}

export interface Lookup {
  seconds: number;
  node: number;
  key?: number; // as a share of the circle
  path?: number[]; // as far as it got
  latency?: number;
  success: boolean;
  hops?: number;
  timeouts?: number;
}

export interface Ring {
  bits?: number;
  ids: (number | null)[];
  id_text?: (string | null)[];
  frames?: RingFrame[];
  frames_thinned?: Thinned;
  lookups?: Lookup[];
  lookups_thinned?: Thinned;
  hops_theory?: { nodes: number; half_log2: number };
}

export interface KademliaFrame {
  seconds: number;
  // Members, each with its contacts by the number of first bits that they share with it; room: how many live ones the
  // bucket could hold.
  nodes: { n: number; b: [live: number, dead: number, room: number][] }[];
}

export interface Kademlia {
  ids: (number | null)[];
  id_text?: (string | null)[];
  frames?: KademliaFrame[];
  frames_thinned?: Thinned;
}

export interface SwimFrame {
  seconds: number;
  members: number[];
  wrong: [member: number, about: number, kind: number][]; // 0: not listed, 1: suspected, 2: taken for dead, 3: listed though down
  wrong_thinned?: Thinned;
}

export interface SharedFile {
  name?: string;
  root?: string;
  size?: number;
  piece_size?: number;
  pieces?: number;
}

export type Arrival = [seconds: number, node: number, file: number, piece: number, source: number];

export interface Download {
  node: number;
  file: number;
  from: number;
  to?: number | null; // absent: still under way
  size: number;
  duplicates?: number;
  stall?: number;
  done: boolean;
}

export interface Swarm {
  files?: SharedFile[];
  arrivals?: Arrival[];
  arrivals_thinned?: Thinned;
  rates?: { interval: number; nodes: { n: number; down: number[]; up: number[] }[] };
  rates_thinned?: Thinned;
  downloads?: Download[];
  downloads_thinned?: Thinned;
  shares?: { node: number; uploaded: number; downloaded: number }[];
  bound_seconds?: number;
  distribution_seconds?: number;
}

export interface Step {
  e: number; // event number
  s: number; // time at which it took effect
  n: number; // node
  kind: string;
  label?: string;
  from?: number; // sender
  sent?: number; // time of sending
  cause?: number; // number of the event that caused it
}

export interface SpaceTime {
  from: number;
  until: number;
  chosen?: string;
  steps: Step[];
  steps_thinned?: Thinned;
}

export interface HistoryOperation {
  kind: "put" | "remove" | "get";
  node: string; // the client's name
  value: number; // its number; 0: none
  nothing?: boolean; // a get that found nothing
  from: number;
  until?: number; // absent: never answered
  marked?: boolean; // the contradiction is made of it
}

// How many keys reached each level at most, and the key that reached the lowest.
export interface History {
  keys: number;
  atomic: number;
  regular: number;
  monotonic: number;
  none: number;
  gets: number;
  unwatched?: number;
  worst?: {
    key: string;
    level: string;
    why?: string;
    operations: HistoryOperation[];
    operations_thinned?: Thinned;
    precedences?: [earlier: number, later: number][]; // indices of operations
  };
}

export interface Network {
  sites: { name: string; latitude?: number; longitude?: number }[];
  links: { from: number; to: number; name: string }[];
  node_sites?: number[];
}

export interface LinkUse {
  link: string;
  rate: number; // bit/s; 0: not limited
  queue: number; // bytes
  // One for each interval in which something happened; queues in bytes.
  rows: [seconds: number, utilisation: number, bytes: number, dropped_queue: number, dropped_loss: number, dropped_partition: number, queue_p99: number, queue_max: number][];
}

export interface StorySource {
  node: number;
  site?: string;
  round_trip?: number;
  bytes: number;
  time: number; // of the download, while its bytes were the next to arrive
  choked: number;
  utilisation?: number; // of its up-link
  queue_drops?: number;
  lost?: number;
}

// An operation, and where its time went.
export interface Story {
  kind: string;
  node: number;
  event: number;
  from: number;
  until: number;
  success: boolean;
  site?: string;
  parts: { what: string; from: number; until: number; time: number; why?: string }[];
  sources?: StorySource[]; // of a download
  hashing?: number;
  utilisation?: number; // of the node's down-link
  queue_drops?: number;
}

export type Life = [node: number, from: number, to: number, end: string];

export interface Run {
  title: string;
  description?: string;
  folder?: string;
  words?: string[];
  scenario_yaml?: string;
  seed?: number | string;
  digest?: string;
  on?: string;
  good?: boolean;
  interrupted?: boolean;
  simulated_seconds?: number;
  real_seconds?: number;
  events?: number;
  command?: string;
  replay?: string;
  expectations?: { expectation: string; held: boolean; actual: string | number }[];
  violations?: { count: number; first: Violation[]; last?: Violation[] };
  outgrown?: string;
  remarks?: string[];
  metrics?: Record<string, [value: number, unit: Unit, better: string]>;
  distributions?: Record<string, Distribution>;
  messages?: { kind: string; count: number; bytes: number }[];
  groups?: { name: string; protocol: string; first: number; count: number }[];
  nodes?: string[];
  lives?: Life[];
  lives_thinned?: Thinned;
  marks?: Mark[];
  marks_thinned?: Thinned;
  timeline?: { interval: number; series: Series[] };
  timeline_thinned?: Thinned;
  history?: History;
  ring?: Ring;
  kademlia?: Kademlia;
  swim?: { frames: SwimFrame[]; frames_thinned?: Thinned };
  swarm?: Swarm;
  space_time?: SpaceTime;
  network?: Network;
  links?: { interval: number; links: LinkUse[]; links_thinned?: Thinned };
  stories?: { slowest: Story; fastest?: Story }[];
}

export interface Point {
  values: string[];
  runs: number;
  mean: number;
  low?: number;
  high?: number;
  median?: number;
  p10?: number;
  p90?: number;
  min?: number;
  max?: number;
  samples?: number[];
  theory?: number;
}

export interface SweepMetric {
  metric: string;
  unit: Unit;
  better?: string;
  asked?: boolean; // by the command
  shown?: boolean;
  points: Point[];
}

export interface Sweep {
  title: string;
  description?: string;
  folder?: string;
  scenario_yaml?: string;
  settings?: string[];
  command?: string;
  parameters: string[];
  seeds?: number;
  seeds_text?: string; // "1..20"
  metrics: SweepMetric[];
  failures?: { values: string[]; seed: number; unmet: string[]; again: string }[];
}

export interface ShownNode {
  status: "absent" | "running" | "left";
  outside?: boolean; // it runs, and is no member of the ring
  s?: number[]; // successors, nearest first
  p?: number; // predecessor
  text?: string; // what it keeps, where there is no picture of it
}

// Texts and nodes are places in `texts` and `shown`; states are places in `states`, and -1 for none that is here.
export type CheckStep = [action: number, target: number, traced: number];
export type CheckState = [parent: number, depth: number, nodes: number[], under_way: number[], flaws: [property: number, text: number][], steps: CheckStep[]];

// An exhaustive check, with its states or those nearest to the beginning.
export interface Check {
  title: string;
  description?: string;
  verdict: string;
  subject: string;
  reason?: string;
  assumptions?: string[];
  command?: string;
  scenario_yaml?: string;
  counterexample?: string; // a scenario that fails in a run
  all_states: number;
  nodes: string[];
  circle?: { share: number; key: string }[]; // by node
  properties: { name: string; always: boolean }[];
  texts: string[];
  shown: ShownNode[];
  states: CheckState[];
  refuted?: number; // the state at which the refutation ends
  cut: boolean;
}

export interface ReportDocument {
  format: number;
  peerbed?: string;
  made?: string;
  runs?: Run[];
  sweeps?: Sweep[];
  checks?: Check[];
}
