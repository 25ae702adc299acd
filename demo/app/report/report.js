#!/usr/bin/env node
// Prints the sum of the prices in a JSON5 file: report.js --file prices.json5
const fs = require('fs')
const JSON5 = require('json5')
const args = require('minimist')(process.argv.slice(2))
const prices = JSON5.parse(fs.readFileSync(args.file, 'utf8'))
console.log(Object.values(prices).reduce((sum, price) => sum + price, 0))
