<?php
header('Content-Type: text/plain');
$redis = new Redis();
$redis->connect('127.0.0.1');
echo $redis->get('greeting'), "\n";
echo 'visit ', $redis->incr('visits'), "\n";
echo 'cron has run ', (int) $redis->get('jobs'), " jobs\n";
