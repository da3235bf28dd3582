# Writes numbered lines "RUN NUMBER" and notes how many it has written, so that what arrives in a
# log can be compared with what was written. It holds a lock while it runs: a second copy says so.
# It notes when it has found its output without a reader, which would end others.
# usage: perl worker.pl DIRECTORY PAUSE-MS
use strict;
use Fcntl qw(:flock O_RDWR O_CREAT O_WRONLY O_APPEND O_TRUNC);
use Time::HiRes qw(time);
my ($dir, $pause) = @ARGV;
$SIG{PIPE} = $SIG{HUP} = $SIG{ALRM} = 'IGNORE';
sysopen(my $lock, "$dir/lock", O_RDWR | O_CREAT) or die "lock: $!";
if (!flock($lock, LOCK_EX | LOCK_NB)) {
  sysopen(my $doubles, "$dir/doubles", O_WRONLY | O_CREAT | O_APPEND) or die "doubles: $!";
  syswrite($doubles, "$$\n");
  exit 111;
}
# The number of this run, kept in the file that is locked.
sysread($lock, my $last, 32);
my $run = ($last || 0) + 1;
sysseek($lock, 0, 0);
syswrite($lock, sprintf("%010d\n", $run));
sysopen(my $done, "$dir/done.$run", O_WRONLY | O_CREAT | O_TRUNC) or die "done: $!";
my $burst = 0;
for (my $number = 1; ; $number++) {
  # A line is far below the size up to which a pipe takes all or nothing.
  while (!defined(syswrite(STDOUT, "$run $number\n"))) {
    note_dead_pipe(time()) if $!{EPIPE};
    # Nobody reads at present; the same line is due as long as that is so.
    select(undef, undef, undef, 0.02);
  }
  sysseek($done, 0, 0);
  syswrite($done, sprintf("%010d\n", $number));
  $burst = int(rand(200)) if $burst == 0 && rand() < 0.01;
  if ($burst > 0) { $burst--; } else { select(undef, undef, undef, $pause / 1000); }
}

sub note_dead_pipe {
  my ($now) = @_;
  sysopen(my $notes, "$dir/dead-pipes", O_WRONLY | O_CREAT | O_APPEND) or die "dead-pipes: $!";
  syswrite($notes, sprintf("%.0f\n", 1000 * $now));
}
