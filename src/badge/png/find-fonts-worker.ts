import { parentPort, workerData } from 'node:worker_threads'
import { findFonts } from './find-fonts.ts'

parentPort?.postMessage(findFonts(workerData))
