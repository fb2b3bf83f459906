package consumer;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;

@Entity
class Account {
  @Id int id;
  String owner;
  int balance;
}
