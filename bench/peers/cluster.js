// node cluster.js ECHO-PORT HTTP-PORT: two workers, connections in turn. Prints "ready" when both listen.
const cluster = require('node:cluster');
const http = require('node:http');
const net = require('node:net');

const [echoPort, httpPort] = process.argv.slice(2).map(Number);
const WORKERS = 2;

if (cluster.isPrimary) {
  cluster.schedulingPolicy = cluster.SCHED_RR;
  let listening = 0;
  cluster.on('listening', () => {
    if (++listening === 2 * WORKERS) console.log('ready');
  });
  cluster.on('exit', () => process.exit(1));
  for (let i = 0; i < WORKERS; i++) cluster.fork();
} else {
  net.createServer({ noDelay: true }, (socket) => {
    socket.on('data', (bytes) => socket.write(bytes));
    socket.on('error', () => {}); // a reset
  }).listen(echoPort, '127.0.0.1');
  http.createServer((request, response) => {
    response.setHeader('Content-Type', 'text/plain');
    response.setHeader('Content-Length', 13);
    response.end('Hello, World!');
  }).listen(httpPort, '127.0.0.1');
}
