/** Times of a worker pool, in milliseconds. */
export const defaultTimes = {
  /** interval of checkpoints while training, shorter in short runs: with its age, the time to write it and that in which a write that hangs is given
      up, at most 10 s of training are lost */
  checkpoint: 4_000,
  /** where a hundred steps take longer, a checkpoint is not of the last snapshot but of the latest step */
  stale: 2_000,
  /** silence after which the leader is pinged */
  quiet: 5_000,
  /** limit on the answer to a ping, at least */
  sign: 5_000,
  /** the same in plain Go, where one step can take seconds */
  signWithoutSIMD: 60_000,
  /** limit on a sign of life after the page was hidden, at least */
  returned: 2_000,
  /** how long the workers that are ready wait for the others */
  join: 15_000,
};
