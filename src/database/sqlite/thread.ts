import { Thread } from '../../worker.ts'
import type { Settings, Work } from './work.ts'

/** Size of the thread's heap for short-lived objects, in MB. V8's default is several times larger. */
const YOUNG_MB = 8

/** Calls the functions of `work.ts` in a thread of its own, so that a slow disk does not delay other answers. */
export class WriterThread extends Thread<Work> {
  /** Starts the thread, which opens the database. @throws if it cannot be opened */
  static async start(settings: Settings): Promise<WriterThread> {
    const thread = new WriterThread(new URL('./work.ts', import.meta.url), {
      workerData: settings,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    })
    try {
      await thread.call('ping')
    } catch (error) {
      await thread.worker.terminate()
      throw error
    }
    // From now on, an error that ends the thread also ends the process. Every answer that was sent is on disk.
    thread.worker.on('error', (error) => {
      throw error
    })
    return thread
  }

  /** Closes the connection, then ends the thread. */
  async close(...parameters: Parameters<Work['close']>): Promise<void> {
    try {
      await this.call('close', ...parameters)
    } finally {
      await this.worker.terminate()
    }
  }
}
