#!/usr/bin/env bash
# Starts a real S3 server, Ceph's RADOS gateway, on loopback, with one monitor and one storage daemon that keeps everything in
# memory. The servers continue in the process group of this script: end the group to stop them.
#
#   start-radosgw.sh FOLDER PORT    keeps its state in FOLDER and uses PORT and PORT + 1
#
# When the server answers, the script prints how to reach it, as shell variables.
set -euo pipefail
folder=$1 port=$2 monitor=$((port + 1))
cluster=11111111-2222-3333-4444-555555555555
storage=22222222-2222-3333-4444-555555555555
key=TESTKEY secret=TESTSECRET

mkdir -p "$folder"/{mon,osd,run}
cd "$folder"
cat > ceph.conf <<CONFIG
[global]
fsid = $cluster
mon host = [v1:127.0.0.1:$monitor/0]
mon initial members = a
ms bind msgr2 = false
ms mon cluster mode = crc
auth cluster required = none
auth service required = none
auth client required = none
keyring = $PWD/keyring
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pgp num = 4
osd crush chooseleaf type = 0
mon allow pool size one = true
mon max pg per osd = 500
run dir = $PWD/run
log file = $PWD/run/\$name.log
pid file = $PWD/run/\$name.pid
admin socket = $PWD/run/\$name.asok
[mon]
mon data = $PWD/mon
mon warn on insecure global id reclaim = false
[osd]
osd data = $PWD/osd
osd objectstore = memstore
memstore device bytes = 4294967296
memstore page size = 8192
osd memory target = 1073741824
[client.rgw]
rgw frontends = beast endpoint=127.0.0.1:$port
rgw enable usage log = false
rgw dynamic resharding = false
rgw print continue = false
CONFIG

ceph-authtool --create-keyring keyring --gen-key -n mon. --cap mon 'allow *' > run/keys.out
ceph-authtool keyring --gen-key -n client.admin --cap mon 'allow *' --cap osd 'allow *' >> run/keys.out
monmaptool --create --clobber --fsid "$cluster" --addv a "[v1:127.0.0.1:$monitor/0]" run/monmap > run/map.out
ceph-mon -c ceph.conf -i a --mkfs --monmap run/monmap --keyring keyring
ceph-mon -c ceph.conf -i a -f > run/mon.out 2>&1 &
timeout 60 ceph -c ceph.conf osd new "$storage" > run/new.out
ceph-osd -c ceph.conf -i 0 --mkfs --osd-uuid "$storage" --no-mon-config > run/mkfs.out 2>&1
ceph-osd -c ceph.conf -i 0 -f > run/osd.out 2>&1 &
radosgw -c ceph.conf -n client.rgw -f > run/radosgw.out 2>&1 &

for _ in $(seq 600); do
  answer=$(curl --silent --max-time 1 --output /dev/null --write-out '%{http_code}' "http://127.0.0.1:$port/" || true)
  if [ "$answer" = 200 ]; then break; fi
  sleep 0.1
done
radosgw-admin -c ceph.conf -n client.rgw user create --uid=test --display-name=test \
  --access-key="$key" --secret="$secret" > run/user.out 2>&1
echo "S3_ENDPOINT=http://127.0.0.1:$port AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=$key AWS_SECRET_ACCESS_KEY=$secret"
