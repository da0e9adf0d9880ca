# SPDX-License-Identifier: MIT
"""lane_test.py LANE PRINT_OUTPUTS CFBENCH: what a Python lane promises.

The twins give what C gives, byte for byte, and whatever a user's callable does
is an answer, after which the lane goes on.
"""
import json
import os
import subprocess
import sys
import tempfile
import time
import unittest

LANE, PRINT_OUTPUTS, CFBENCH = sys.argv[1:4]
sys.path.insert(0, os.path.dirname(LANE))
import lane_work  # noqa: E402
import twins  # noqa: E402

QUICK = {
    "empty": {},
    "sum_squares": {"n": 20003},
    "skewed": {"n": 1000, "ratio": 30},
    "primes": {"n": 3001},
    "sha256": {"bytes": 1001, "rounds": 3},
    "json_parse": {"bytes": 3001, "rounds": 2},
    "payload": {"in_bytes": 1003, "out_bytes": 333},
    "sleep": {"ms": 1},
    "http_get": {"delay_ms": 1, "bytes": 7001},
    "mixed": {"cpu_ms": 0.1, "wait_ms": 1},
}

CALLABLES = '''
import os, subprocess, sys, threading, time
print("printed while it is imported")
def double(n): print("printed by a task"); return 2 * n
def raises(): raise ValueError("on\\npurpose")
def leaves(): sys.exit(3)
def ends(): os._exit(3)
def burns(seconds, clock=time.thread_time):
    end = clock() + seconds
    while clock() < end: pass
def burns_in_threads(seconds):
    threads = [threading.Thread(target=burns, args=(seconds / 2,)) for _ in range(2)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
def burns_in_a_child(seconds):
    subprocess.run([sys.executable, "-c", f"import mine; mine.burns({seconds})"], check=True,
                   cwd=os.path.dirname(__file__))
def sorts(some, more):
    assert some == [3, 1, 2] and more == {"n": [1]}, (some, more)
    some.sort()
    more["n"].append(2)
def unpicklable(): return lambda: 0
def hangs(): time.sleep(1000)
def reads(): return sys.stdin.read()
def lists_descriptors(): return [fd for fd in os.listdir("/proc/self/fd")]
local = lambda n: n
number = 5
'''


class Lane:
    """A lane to talk to."""

    def __init__(self, folder=None):
        self.process = subprocess.Popen(
            [sys.executable, LANE], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, cwd=folder, text=True,
            env={**os.environ, "TMPDIR": folder} if folder else None)

    def ask(self, do, **more):
        return self.say(json.dumps({"do": do, **more}))

    def say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        code = self.process.wait(timeout=30)
        self.process.stdout.close()
        return code


def texts_of(values):
    return [f"{name}={value}" for name, value in values.items()]


def outputs_in_c(name, tasks, seed, values):
    command = [PRINT_OUTPUTS, name, str(tasks), str(seed), *texts_of(values)]
    lines = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return [bytes.fromhex(line) for line in lines.splitlines()]


def prepared(name, tasks, seed, values):
    twin = twins.find(name)
    return twin.prepare(twins.values_of(twin, values), tasks, seed)


class Twins(unittest.TestCase):
    def test_every_twin_is_tested(self):
        self.assertEqual(sorted(QUICK), twins.names())

    def test_outputs_are_those_of_c(self):
        for name, values in QUICK.items():
            if name == "mixed":  # as long as in C, not as many steps
                continue
            with self.subTest(name):
                work = prepared(name, 20, 7, values)
                right = outputs_in_c(name, 20, 7, values)
                self.assertEqual([work.task(item) for item in work.items], right)
                if work.dispose is not None:
                    work.dispose()

    def test_a_changed_output_is_refused(self):
        for name, values in QUICK.items():
            with self.subTest(name):
                work = prepared(name, 2, 7, values)
                output = work.task(work.items[1])
                self.assertTrue(work.is_right(1, output))
                self.assertFalse(work.is_right(1, output + b"\0"))
                if output:
                    self.assertFalse(work.is_right(1, bytes([output[0] ^ 16]) + output[1:]))
                if work.dispose is not None:
                    work.dispose()

    def test_mixed_computes_as_many_steps_as_it_is_told(self):
        request = {"workload": "mixed", "tasks": 1, "parameters": {"cpu_ms": 2}}
        work, _ = lane_work.prepare({**request, "steps_per_ms": 1000})
        self.assertEqual(work.items[0][0][0], 2000)
        work, _ = lane_work.prepare(request)
        self.assertNotEqual(work.items[0][0][0], 2000)

    def test_parameters_and_standard_values_are_those_of_c(self):
        text = subprocess.run([CFBENCH, "list", "workloads", "--json"], check=True,
                              stdout=subprocess.PIPE).stdout
        for workload in json.loads(text)["workloads"]:
            if workload["name"] not in twins.names():
                continue
            in_c = {p["name"]: p["default"] for p in workload["parameters"]}
            twin = twins.find(workload["name"])
            self.assertEqual(twins.values_of(twin, in_c), twin.STANDARD)
            self.assertEqual(list(in_c), list(twin.STANDARD))


class Runs(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        with open(os.path.join(self.folder.name, "mine.py"), "w") as file:
            file.write(CALLABLES)
        with open(os.path.join(self.folder.name, "leaving.py"), "w") as file:
            file.write("import os\nos._exit(0)\n")
        with open(os.path.join(self.folder.name, "raising.py"), "w") as file:
            file.write("class Dumb(Exception):\n def __str__(self): raise self\nraise Dumb\n")
        self.lane = Lane(self.folder.name)

    def tearDown(self):
        self.assertTrue(self.lane.ask("quit")["ok"])
        self.assertEqual(self.lane.close(), 0)
        self.folder.cleanup()

    def executors(self):
        return self.lane.ask("hello")["executors"]

    def prepare(self, name, **more):
        return self.lane.ask("prepare", callable=name, **more)

    def test_hello_tells_who_is_there(self):
        hello = self.lane.ask("hello")
        self.assertEqual(hello["protocol"], 1)
        self.assertEqual(hello["version"], sys.version.split()[0])
        self.assertIsInstance(hello["gil_enabled"], bool)
        self.assertEqual(hello["executors"][:3], ["serial", "thread", "process"])

    def test_every_executor_gives_right_results_and_whole_numbers(self):
        for name, values in QUICK.items():
            self.assertTrue(
                self.lane.ask("prepare", workload=name, tasks=12, seed=3, parameters=values)["ok"])
            for executor in self.executors():
                with self.subTest(f"{name} {executor}"):
                    answer = self.lane.ask("run", executor=executor, workers=3, warmup=1)
                    self.assertTrue(answer["verified"], answer.get("error"))
                    self.assertEqual(len(answer["batches"]), 2)
                    self.assertEqual(len(answer["service_s"]), 12)
                    self.assertGreaterEqual(min(answer["service_s"]), 0)
                    self.assertGreaterEqual(min(answer["started_s"]), 0)
                    self.assertGreaterEqual(answer["elapsed_s"], max(answer["service_s"]))
                    self.assertGreaterEqual(answer["elapsed_s"], answer["submit_s"])
                    self.assertGreater(answer["max_rss_bytes"], 1e6)

    def test_processes_start_by_every_method(self):
        self.lane.ask("prepare", workload="sleep", tasks=8, parameters={"ms": 20})
        for method in ("fork", "spawn", "forkserver"):
            with self.subTest(method):
                answer = self.lane.ask("run", executor="process", workers=4, start_method=method)
                self.assertTrue(answer["verified"], answer.get("error"))
                self.assertEqual(answer["workers_used"], 4)  # all stood ready
                left = [name for name in os.listdir(self.folder.name) if "pymp" in name]
                self.assertEqual(left, [])

    def test_waiting_scales_with_workers(self):
        self.lane.ask("prepare", workload="sleep", tasks=8, parameters={"ms": 50})
        answer = self.lane.ask("run", executor="thread", workers=8)
        self.assertLess(answer["elapsed_s"], 0.2)
        self.assertGreaterEqual(answer["elapsed_s"], 0.05)

    def test_a_callable_gets_its_arguments(self):
        self.assertTrue(self.prepare("mine:double", tasks=5, arguments=[[1], [2]])["ok"])
        for executor in self.executors():
            answer = self.lane.ask("run", executor=executor, workers=2)
            self.assertTrue(answer["ok"] and answer["verified"])
            self.assertEqual(answer["failed"], 0)
        self.assertTrue(self.prepare("mine.py:double", tasks=1, arguments=[[1]])["ok"])
        self.assertTrue(self.lane.ask("run", executor="process", workers=1)["verified"])

    def test_a_callable_may_change_its_arguments(self):
        self.prepare("mine:sorts", tasks=6, arguments=[[[3, 1, 2], {"n": [1]}]])
        for executor in self.executors():
            with self.subTest(executor):
                answer = self.lane.ask("run", executor=executor, workers=2, warmup=1)
                self.assertTrue(answer["verified"], answer["error"])

    def test_the_cpu_time_is_of_all_that_a_task_started(self):
        for name in ("burns", "burns_in_threads", "burns_in_a_child"):
            self.prepare(f"mine:{name}", tasks=2, arguments=[[0.05]])
            for executor in ("serial", "thread", "process"):
                with self.subTest(f"{name} {executor}"):
                    answer = self.lane.ask("run", executor=executor, workers=2, warmup=3)
                    self.assertTrue(answer["verified"], answer["error"])
                    self.assertGreater(answer["cpu_s"], 0.08)
                    self.assertLess(answer["cpu_s"], 0.35)  # not of the batches before

    def test_a_callable_that_fails_is_an_error_of_its_tasks(self):
        for name, why in (("raises", "ValueError: on purpose"), ("leaves", "SystemExit: 3")):
            self.assertTrue(self.prepare(f"mine:{name}", tasks=3)["ok"])
            for executor in self.executors():
                with self.subTest(f"{name} {executor}"):
                    answer = self.lane.ask("run", executor=executor, workers=2)
                    self.assertTrue(answer["ok"])
                    self.assertFalse(answer["verified"])
                    self.assertEqual(answer["failed"], 3)
                    self.assertIn(why, answer["error"])

    def test_a_callable_that_ends_its_process_costs_one_run(self):
        self.assertTrue(self.prepare("mine:ends", tasks=3)["ok"])
        answer = self.lane.ask("run", executor="thread", workers=2)
        self.assertFalse(answer["ok"])
        self.assertIn("ended with code 3", answer["error"])
        answer = self.lane.ask("run", executor="process", workers=2)
        self.assertEqual(answer["failed"], 3)
        self.assertIn("BrokenProcessPool", answer["error"])

    def test_what_a_broken_pool_takes_no_more_has_failed(self):
        self.assertTrue(self.prepare("mine:ends", tasks=2000)["ok"])
        answer = self.lane.ask("run", executor="process", workers=2)
        self.assertEqual(answer["failed"], 2000)

    def test_an_unpicklable_result_is_an_error_between_processes_only(self):
        self.assertTrue(self.prepare("mine:unpicklable", tasks=2)["ok"])
        self.assertTrue(self.lane.ask("run", executor="thread", workers=2)["verified"])
        answer = self.lane.ask("run", executor="process", workers=2)
        self.assertEqual(answer["failed"], 2)
        self.assertRegex(answer["error"], "pickle|local object")

    def test_a_lambda_cannot_reach_a_process(self):
        self.assertTrue(self.prepare("mine:local", tasks=2, arguments=[[1]])["ok"])
        answer = self.lane.ask("run", executor="process", workers=2)
        self.assertEqual(answer["failed"], 2)
        self.assertRegex(answer["error"], "pickle|local object")

    def test_a_callable_that_hangs_is_ended(self):
        self.assertTrue(self.prepare("mine:hangs", tasks=3)["ok"])
        for executor in ("thread", "process"):
            start = time.monotonic()
            answer = self.lane.ask("run", executor=executor, workers=2, limit_s=0.5)
            self.assertFalse(answer["ok"])
            self.assertIn("not done within 0.5 s", answer["error"])
            self.assertLess(time.monotonic() - start, 10)

    def test_a_callable_reads_nothing_of_the_protocol(self):
        self.assertTrue(self.prepare("mine:reads", tasks=1)["ok"])
        for executor in self.executors():
            self.assertTrue(self.lane.ask("run", executor=executor)["verified"])

    def test_what_cannot_be_found_is_an_error_of_the_request(self):
        for name in ("nowhere:f", "mine:nothing", "mine:number", "mine", ":", "nowhere.py:f",
                     "leaving:f", "raising:f", ""):
            with self.subTest(name):
                answer = self.prepare(name, tasks=1)
                self.assertFalse(answer["ok"])
                self.assertTrue(answer["error"])
                self.assertNotIn("\n", answer["error"])

    def test_nonsense_is_an_error_of_the_request(self):
        for line in ("", "nonsense", "[]", "{}", '{"do": "dispose"}', '{"do": []}',
                     '{"do": "prepare"}', '{"do": "prepare", "workload": "sleep"}',
                     '{"do": "prepare", "workload": "_words", "tasks": 1}',
                     '{"do": "prepare", "workload": "sleep", "tasks": 1, "parameters": {"s": 1}}',
                     '{"do": "run", "executor": "thread"}'):
            with self.subTest(line):
                self.assertFalse(self.lane.say(line)["ok"])
        self.lane.ask("prepare", workload="empty", tasks=1)
        for more in ({"executor": "fiber"}, {"executor": "thread", "workers": 0}, {},
                     {"executor": "process", "start_method": "magic"}):
            with self.subTest(more):
                self.assertFalse(self.lane.ask("run", **more)["ok"])


class Killed(unittest.TestCase):
    def test_nothing_is_left_where_a_lane_is_killed(self):
        for executor in ("thread", "process"):
            marker = f"{os.getpid()}-{executor}"
            os.environ["CFBENCH_LANE_TEST"] = marker
            lane = Lane()
            lane.ask("prepare", workload="sleep", tasks=4, parameters={"ms": 60000})
            lane.process.stdin.write(json.dumps({"do": "run", "executor": executor,
                                                 "workers": 2}) + "\n")
            lane.process.stdin.flush()
            time.sleep(1)
            self.assertGreater(len(processes_with(marker)), 1)
            lane.process.kill()
            lane.process.wait()
            lane.process.stdin.close()
            lane.process.stdout.close()
            deadline = time.monotonic() + 10
            while processes_with(marker) and time.monotonic() < deadline:
                time.sleep(0.05)
            self.assertEqual(processes_with(marker), [])
            del os.environ["CFBENCH_LANE_TEST"]


def processes_with(marker):
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/environ", "rb") as file:
                if f"CFBENCH_LANE_TEST={marker}".encode() in file.read():
                    found.append(int(pid))
        except OSError:
            pass
    return found


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
