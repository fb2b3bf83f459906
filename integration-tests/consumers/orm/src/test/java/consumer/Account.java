package consumer;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;

/** A row of the replica, for Hibernate. */
@Entity
class Account {
  @Id int id;
  String owner;
  int balance;
}
