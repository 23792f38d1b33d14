/** Two nodes of 8 H100 that come one after the other, one listed job a year; the watts are those of docs/energy-by-hand.md. */
export const TWO_NODES = `
version: 1
kind: scenario
question: Does a chain of two years come out as it does on paper?
sites:
  - name: tiny
    title: Two nodes
    zone: DE-LU
    partitions:
      - name: main
        hardware: h100-sxm
        buildOut: [{ at: 2027-01-01, nodes: 1 }, { at: 2028-07-01, nodes: 2 }]
    facility:
      liquidFraction: 1
      liquidCoolingFraction: 0.05
      upsEfficiency: 1
      distributionEfficiency: 1
      fixedFraction: 0
    tariff: { capacityEurPerKwYear: 0, networkEurPerMWh: 5, leviesEurPerMWh: 10 }
    series: { price: { constant: 50 }, carbon: { constant: 300 }, wetBulb: { constant: 10 } }
    capital: { facilityEurMPerMWIt: 0, gridEurPerKw: 0, staffFte: 1, staffEurPerFteYear: 1000 }
workload:
  jobClasses:
    - { name: train, gpuPowerFraction: 0.925 }
  jobs:
    - { submit: 0 h, gpus: 8, run: 1000 h }
policy: fcfs+none@first-fit
horizon: 365 d
warmup: 0 h
calendarYear: 2027
finance: { wacc: 0.1, insuranceFraction: 0, maintenanceFraction: { it: 0 } }
`;
