import { type Cache, RiskCourse, reached } from '@cerberus/cache';
import type { HostContext } from '@cerberus/runtime';
import type { RiskMetrics } from '@cerberus/schema';

const MICROS_PER_SECOND = 1_000_000;

/**
 * Keeps the course of each account's figures in the cache: one point a second at most, beside what is
 * published. What a lost or slow cache does not take is missing from the course, no more.
 */
export class CourseKeeper {
  readonly #course: RiskCourse;
  readonly #supervisor: HostContext['supervisor'];
  /** Second of the last point by account: as many as there are accounts. */
  readonly #seconds = new Map<string, number>();
  readonly #busy = new Set<string>();

  constructor(cache: Cache, { supervisor }: Pick<HostContext, 'supervisor'>) {
    this.#course = new RiskCourse(cache);
    this.#supervisor = supervisor;
  }

  note(metrics: RiskMetrics): void {
    const { account_id: id, as_of } = metrics;
    const second = Math.floor(as_of / MICROS_PER_SECOND);
    if (this.#seconds.get(id) === second || this.#busy.has(id)) return;
    this.#seconds.set(id, second);
    this.#busy.add(id);
    const kept = reached(this.#course.append(metrics)).finally(() => this.#busy.delete(id));
    this.#supervisor.watch('course of risk', kept);
  }
}
