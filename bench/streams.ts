// Opens live streams in a process of its own, and keeps them open: `streams.ts ORIGIN PATH OPEN SLOW`. Slow ones read 1 kB a second.
import { connect, type Socket } from 'node:net'

const SLOW_BYTES = 1000
const [origin = '', path = '', open = '0', slow = '0'] = process.argv.slice(2)
const { hostname, port, host } = new URL(origin)
let bytes = 0

function openStream(isSlow: boolean): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port) })
    socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
    socket.once('error', reject)
    socket.once('data', () => {
      if (isSlow) {
        socket.pause()
        setInterval(() => socket.read(SLOW_BYTES), 1000)
      }
      resolve(socket)
    })
    socket.on('data', (data) => {
      bytes += data.length
    })
    socket.on('close', () => {
      // The server disconnects those that are too slow.
      if (!isSlow) throw new Error('a stream has ended')
    })
  })
}

for (let number = 0; number < Number(open); number++) await openStream(number < Number(slow))
// bench/compare.ts waits for this line.
console.log(`${open} streams are open`)
process.on('SIGTERM', () => {
  console.log(`${bytes} bytes were read`)
  process.exit()
})
